"""How fast the console's pages come, and what open ones cost: python3 bench/node/console.py [JOBS] [SUBJECTS] [MINUTES]

A node of its own on SQLite with so many jobs (made by SQL out of one that was really run; one in a hundred failed, some wait, and of a researcher's some are held and some were
decided), RELEASES answers that its ledger counts, each of them really asked for with a map of its own, and a data view of so many subjects, who share VOLUMES volumes. First: milliseconds to the first byte of each page. Then ten pages are left open, as console.js leaves them open, while a job comes
every ten seconds: the node's share of a core and its memory, beside the same time without them. Last, its memory while the pages are fetched as fast as they come. Needs ./lazaret.
"""
import gzip, http.client, json, math, os, shutil, signal, socket, sqlite3, statistics, struct, subprocess, sys, tempfile, threading, time

JOBS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
SUBJECTS = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000
MINUTES = float(sys.argv[3]) if len(sys.argv) > 3 else 5
ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
TINY = os.path.join(ROOT, "tests/Lazaret.Tests/Cohort/data/tiny_site")
NODE = os.environ.get("LAZARET", os.path.join(ROOT, "artifacts/lazaret/lazaret"))
ROUNDS, VIEWERS, EVERY, VOLUMES = 40, 10, 10, 500
RELEASES = int(os.environ.get("RELEASES", "40"))


def view(folder):
    os.makedirs(os.path.join(folder, "conn"))
    os.makedirs(os.path.join(folder, "masks"))
    shutil.copy(os.path.join(TINY, "masks/STN.nii.gz"), os.path.join(folder, "masks"))
    for n in range(VOLUMES):
        with open(os.path.join(folder, f"conn/shared-{n}.nii.gz"), "wb") as file:
            file.write(unlike("conn/sub-0000.nii.gz", n))
    tables = {"subjects": ["subject_id,visit,dx,age,sex"], "outcomes": ["subject_id,visit,UPDRS_change"], "paths": ["subject_id,visit,conn_path"]}
    for n in range(SUBJECTS):
        os.link(os.path.join(folder, f"conn/shared-{n % VOLUMES}.nii.gz"), os.path.join(folder, f"conn/{n}.nii.gz"))
        tables["subjects"].append(f"s{n},v1,{'PD' if n % 3 else 'OCD'},{20 + n % 60},{'F' if n % 2 else 'M'}")
        tables["outcomes"].append(f"s{n},v1,{(n * 7919) % 1009 / 10}")
        tables["paths"].append(f"s{n},v1,conn/{n}.nii.gz")
    for name, lines in tables.items():
        with open(os.path.join(folder, f"{name}.csv"), "w") as file:
            file.write("\n".join(lines) + "\n")


def unlike(name, number):
    """A volume of the tiny site with other values: of a map each is another question, and tells something that the ledger counts."""
    with gzip.open(os.path.join(TINY, name)) as file:
        volume = bytearray(file.read())
    assert struct.unpack_from("<h", volume, 70)[0] == 16, "it is of float32"
    start = int(struct.unpack_from("<f", volume, 108)[0])
    count = (len(volume) - start) // 4
    struct.pack_into(f"<{count}f", volume, start, *(math.sin((number + 2) * voxel) + 0.1 for voxel in range(count)))
    return gzip.compress(bytes(volume))


class Node:
    def __init__(self, folder):
        self.state, self.process = os.path.join(folder, "var"), None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.settings = {"WORK_DIR": self.state, "DATA_VIEW": os.path.join(folder, "view"), "DOTNET_ENVIRONMENT": "Bench", "Lazaret__Disclosure__TickMilliseconds": "0",
                         "Lazaret__Http__RequestsPerSecond": "0", "Lazaret__Http__RequestsPerSecondPerAddress": "0", "Lazaret__Disclosure__QueriesPerWeek": "0"}

    def start(self, role):
        self.process = subprocess.Popen([NODE, "serve", "--role", role, "--urls", f"http://127.0.0.1:{self.port}"], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **self.settings})
        for _ in range(2400):
            try:
                if self.ask("GET", "/healthz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise TimeoutError("the node does not answer")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def ask(self, method, path, body=None, headers={}):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content

    def admit(self, name, map_file=None):
        if map_file is None:
            with open(os.path.join(TINY, "maps/main.nii.gz"), "rb") as file:
                map_file = file.read()
        field = lambda name, value: f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        form = field("outcome", "UPDRS_change") + field("filters", json.dumps({"sex": name})) + b'--x\r\nContent-Disposition: form-data; name="map_file"; filename="m.nii.gz"\r\n\r\n' + map_file + b"\r\n--x--\r\n"
        status, content = self.ask("POST", "/jobs", form, {"Content-Type": "multipart/form-data; boundary=x"})
        assert status == 202, content
        return json.loads(content)["job_id"]

    def finish(self, jobs):
        for job in jobs:
            while (status := json.loads(self.ask("GET", f"/jobs/{job}")[1])["status"]) in ("queued", "running"):
                time.sleep(0.05)
            assert status == "done", status

    def first_bytes(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        took = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            connection.request("GET", path)
            answer = connection.getresponse()
            took.append(1000 * (time.perf_counter() - began))
            assert answer.status == 200, (path, answer.status)
            size = len(answer.read())
        return took, size

    def used(self):
        """Seconds of processor so far, and MiB of memory of its own."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        with open(f"/proc/{self.process.pid}/smaps_rollup") as file:
            private = sum(int(line.split()[1]) for line in file if line.startswith(("Private_Dirty", "Private_Clean")))
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), private / 1024


def fill(node, job):
    """Copies of the finished job, a second apart until now: its row, its run, its payloads."""
    database = sqlite3.connect(os.path.join(node.state, "lazaret.db"))
    columns = lambda table: [row[0] for row in database.execute(f"SELECT name FROM pragma_table_info('{table}')")]
    ids = "upper(substr(h,1,8)||'-'||substr(h,9,4)||'-'||substr(h,13,4)||'-'||substr(h,17,4)||'-'||substr(h,21,12))"
    runs = ids.replace("substr(h,17,4)", "'8001'")
    at = f"({int(time.time()) - JOBS} + n)"
    when = f"strftime('%Y-%m-%d %H:%M:%S', {at}, 'unixepoch')"
    hexed = f"printf('%012x70008000%012x', {at} * 1000, n)"
    source = f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {JOBS}) SELECT n, {hexed} AS h FROM s)"
    state = "CASE WHEN n % 100 = 0 THEN 'Failed' WHEN n % 500 = 1 THEN 'Held' ELSE j.\"State\" END"
    requester = "CASE WHEN n % 50 < 3 THEN 'a researcher' ELSE j.\"Requester\" END"
    chosen = {"Jobs": {"Id": ids, "Requester": requester, "IdempotencyKey": "NULL", "CreatedAt": when, "UpdatedAt": when, "PublishedAt": when, "State": state, "Error": "CASE WHEN n % 100 = 0 THEN 'The program ran out of memory.' END"},
              "Runs": {"Id": runs, "JobId": ids, "StartedAt": when}, "Payloads": {"JobId": ids}}
    for table, key in (("Jobs", "Id"), ("Runs", "JobId"), ("Payloads", "JobId")):
        names = columns(table)
        # A map a job would be gigabytes, and no page reads it.
        kept = " AND j.\"Name\" <> 'Input'" if table == "Payloads" else ""
        database.execute(f"INSERT INTO \"{table}\" ({', '.join(f'{chr(34)}{name}{chr(34)}' for name in names)}) "
                         f"SELECT {', '.join(chosen[table].get(name, f'j.{chr(34)}{name}{chr(34)}') for name in names)} FROM \"{table}\" j CROSS JOIN {source} WHERE j.\"{key}\" = '{job.upper()}'{kept}")
    for held, decided in (("Held", "NULL"), ("Done", "\"UpdatedAt\"")):
        database.execute("INSERT INTO \"Reviews\" (\"JobId\", \"Reason\", \"Detail\", \"At\", \"DecidedAt\") "
                         f"SELECT \"Id\", 'Requester', '{{\"queries\":[]}}', \"CreatedAt\", {decided} FROM \"Jobs\" WHERE \"State\" = '{held}' AND \"Requester\" = 'a researcher'")
    database.commit()
    some = [row[0] for row in database.execute("SELECT \"Id\" FROM \"Jobs\" ORDER BY \"Id\" LIMIT 1 OFFSET ?", (JOBS // 2,))][0]
    failed = database.execute("SELECT \"Id\" FROM \"Jobs\" WHERE \"State\" = 'Failed' LIMIT 1").fetchone()[0]
    database.close()
    return some.lower(), failed.lower()


class Viewer(threading.Thread):
    """A page that is left open, as console.js leaves it."""

    def __init__(self, node, path, over):
        super().__init__(daemon=True)
        self.node, self.path, self.over, self.fetched = node, path, over, 0

    def run(self):
        seen = ""
        while not self.over.is_set():
            try:
                last = self.node.ask("GET", f"/console/changes?seen={seen}", headers={"Lazaret-Unattended": "1"})[1].decode()
                if seen not in ("", last):
                    self.node.ask("GET", self.path, headers={"Lazaret-Unattended": "1", "Accept": "text/html"})
                    self.fetched += 1
                self.over.wait(5 if last == seen else 1)
                seen = last
            except OSError:
                self.over.wait(5)


def watch(node, viewers, name):
    over = threading.Event()
    open_pages = [Viewer(node, path, over) for path in viewers]
    for page in open_pages:
        page.start()
    seconds, turn, points = MINUTES * 60, 0, []
    began, (cpu, memory) = time.monotonic(), node.used()
    while time.monotonic() - began < seconds:
        node.admit("F" if turn % 2 else "M")
        turn += 1
        time.sleep(EVERY)
        points.append(node.used()[1])
    spent, after = node.used()[0] - cpu, points[-1]
    share = 100 * spent / (time.monotonic() - began)
    over.set()
    third = max(1, len(points) // 3)
    print(f"| {name} | {share:.2f} % | {memory:.0f} | {statistics.mean(points[:third]):.0f} | {statistics.mean(points[-third:]):.0f} | {sum(page.fetched for page in open_pages)} |", flush=True)
    return share


def main():
    folder = tempfile.mkdtemp(prefix="lazaret-console-")
    os.chmod(folder, 0o755)
    view(os.path.join(folder, "view"))
    node = Node(folder)
    try:
        node.start("all")
        job = node.admit("F")
        node.finish([job])
        node.finish([node.admit("FM"[number % 2], unlike("maps/main.nii.gz", number + VOLUMES)) for number in range(RELEASES)])
        node.stop()
        some, failed = fill(node, job)
        # Nothing runs meanwhile: what the pages cost is measured, and not what jobs do.
        node.start("api")
        queued = node.admit("M")
        print(f"{JOBS} jobs, {SUBJECTS} subjects, {RELEASES} further answers, load {os.getloadavg()[0]:.1f}\n\n| page | first byte, median, ms | nine in ten | processor of the node, ms | KiB |\n|---|---|---|---|---|")
        pages = ("", "/jobs", "/jobs?state=failed", "/jobs?state=queued", "/jobs?state=running", "/jobs?requester=local", "/jobs?kind=diagnosis", f"/jobs?before={some}", "/jobs?requester=nobody", f"/jobs/{some}", f"/jobs/{failed}", f"/jobs/{queued}", "/ask", "/reviews", "/reviews?list=decided", "/data", "/ledger", "/people")
        for _ in range(3):
            # The first ones are compiled.
            for path in pages:
                node.ask("GET", f"/console{path}")
        for path in pages:
            before = node.used()[0]
            took, size = node.first_bytes(f"/console{path}")
            spent = 1000 * (node.used()[0] - before) / ROUNDS
            took.sort()
            shown = path.replace(some, "ID").replace(failed, "FAILED").replace(queued, "QUEUED") or "home"
            print(f"| {shown} | {statistics.median(took):.1f} | {took[len(took) * 9 // 10]:.1f} | {spent:.1f} | {size / 1024:.0f} |", flush=True)
        print(f"\n| for {MINUTES:g} minutes | share of a core | MiB before | in the first third | in the last | pages fetched again |\n|---|---|---|---|---|---|")
        for turn in range(20):
            node.admit("FM"[turn % 2])
        alone = watch(node, [], "no page open")
        paths = ["/console", "/console/jobs", "/console/reviews", "/console/jobs?state=failed", "/console/data"]
        beside = watch(node, [paths[n % len(paths)] for n in range(VIEWERS)], f"{VIEWERS} pages open")
        print(f"\nThe open pages cost {beside - alone:.2f} % of a core.\n\n| pages fetched as fast as they come | MiB |\n|---|---|")
        # A day of ten viewers: memory that a page kept would add up.
        for thousand in range(1, 16):
            for n in range(1000):
                node.ask("GET", paths[n % len(paths)], headers={"Lazaret-Unattended": "1", "Accept": "text/html"})
            print(f"| {thousand},000 | {node.used()[1]:.0f} |", flush=True)
    finally:
        if node.process and node.process.poll() is None:
            node.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
