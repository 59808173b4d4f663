"""What the time of an answer tells of how many are asked about: python3 bench/node/timing.py [QUESTIONS] [LAZARET]

32 maps are asked about a site of 4,000 people, and about two of them, in turn, one question after the other and at random moments. AUC: how
often an answer about all took longer than one about two; 0.5 tells nothing. An environment variable of the node's can be given, as
Lazaret__Disclosure__TickMilliseconds=0, to see what the tick hides.
"""
import json, math, os, random, shutil, statistics, struct, sys, tempfile, time

from wait import BUILT, Node, form

# A level needs many people to be shown: of most of this group the outcome is not known.
PEOPLE, GROUP, KNOWN, MAPS, SHAPE = 4000, 50, 2, 32, (16, 10, 8)
VOXELS = math.prod(SHAPE)
TICK = "Lazaret__Disclosure__TickMilliseconds"
chance = random.Random(1)


def volume(maps=1):
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 4 if maps > 1 else 3, *SHAPE, maps, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 16, 32)
    struct.pack_into("<8f", header, 76, 1, 2, 2, 2, 1, 1, 1, 1)
    struct.pack_into("<2f", header, 108, 352, 1)
    struct.pack_into("<2h", header, 252, 0, 1)
    for row, place in enumerate((280, 296, 312)):
        struct.pack_into("<4f", header, place, *(2 if column == row else 0 for column in range(4)))
    header[344:348] = b"n+1\0"
    return bytes(header) + struct.pack(f"<{VOXELS * maps}f", *(chance.gauss(0, 1) for _ in range(VOXELS * maps)))


def site(folder):
    os.mkdir(os.path.join(folder, "scans"))
    tables = {"subjects": ["subject_id,visit,group"], "outcomes": ["subject_id,visit,outcome"], "paths": ["subject_id,visit,conn_path"]}
    for n in range(PEOPLE):
        with open(os.path.join(folder, f"scans/{n}.nii"), "wb") as file:
            file.write(volume())
        tables["subjects"].append(f"s{n},v1,{'few' if n < GROUP else 'many'}")
        tables["outcomes"].append(f"s{n},v1," + ("" if KNOWN <= n < GROUP else f"{chance.gauss(0, 1):.4f}"))
        tables["paths"].append(f"s{n},v1,scans/{n}.nii")
    for name, lines in tables.items():
        with open(os.path.join(folder, f"{name}.csv"), "w") as file:
            file.write("\n".join(lines) + "\n")
    with open(os.path.join(folder, "site.yaml"), "w") as file:
        file.write("variables:\n  group: {levels: [few, many]}\n")


def question(is_few):
    filters = {"filters": json.dumps({"group": "few"})} if is_few else {}
    return form({"outcome": "outcome"} | filters, "maps.nii", volume(MAPS))


def main():
    questions = int(sys.argv[1]) if len(sys.argv) > 1 else 80
    binary = os.path.realpath(sys.argv[2]) if len(sys.argv) > 2 else BUILT
    folder = tempfile.mkdtemp(prefix="lazaret-bench-")
    try:
        site(folder)
        node = Node(binary, os.environ.get("Lazaret__Sandbox__Backend", "process"), folder, **{TICK: os.environ.get(TICK, "1000"), "Lazaret__Disclosure__QueriesPerWeek": "100000"})
        try:
            times = [[], []]  # about all, about two
            for number in range(questions + 4):
                time.sleep(chance.random())
                taken = node.wait(question(number % 2), ends=("done", "blocked", "held"))
                if number >= 4:
                    times[number % 2].append(taken)
        finally:
            node.stop()
    finally:
        shutil.rmtree(folder)
    for name, taken in zip((f"about {PEOPLE - GROUP + KNOWN}", "about two"), times):
        print(f"{name:<12} median {statistics.median(taken):6.0f} ms, {min(taken):6.0f} to {max(taken):6.0f}")
    auc = statistics.mean((many > few) + (many == few) / 2 for many in times[0] for few in times[1])
    print(f"AUC {auc:.2f}, by chance 0.50 ± {math.sqrt((questions + 1) / (3 * questions ** 2)):.2f}")


main()
