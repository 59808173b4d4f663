"""How long a node takes from its start until it answers, how much processor, and how much memory of its own it has then: python3 bench/node/start.py [--lives SECONDS] FOLDER [FOLDER …]

Each FOLDER is a published node (artifacts/lazaret), and they take turns, so that two versions can be compared in one run; so can two settings of .NET's, by NAME=VALUE:FOLDER. The database is
SQLite and there already. With --lives each node goes on for so long after it answered; processor and memory are those at its end.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

TURNS = 7
ADDRESS = "http://127.0.0.1:8099"


def answers():
    try:
        with urllib.request.urlopen(f"{ADDRESS}/healthz", timeout=1):
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def processor(process):
    with open(f"/proc/{process.pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process):
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon:")) / 1024


def start(folder, environment, log, lives):
    began = time.monotonic()
    node = subprocess.Popen([f"{folder}/lazaret", "serve", "--urls", ADDRESS], env=environment, cwd=environment["Lazaret__State"], stdout=log, stderr=log)
    try:
        while not answers():
            if node.poll() is not None:
                sys.exit(f"{folder}: the node ended with exit code {node.returncode}")
            time.sleep(0.01)
        wall = 1000 * (time.monotonic() - began)
        time.sleep(lives)
        return wall, processor(node), memory(node)
    finally:
        node.terminate()
        node.wait()


def main(lives, folders):
    with tempfile.TemporaryDirectory() as scratch, open(f"{scratch}/log", "w") as log:
        measured = {folder: [] for folder in folders}
        for turn in range(TURNS + 1):
            for number, folder in enumerate(folders):
                state = f"{scratch}/{number}"
                os.makedirs(state, mode=0o700, exist_ok=True)
                setting, _, place = folder.rpartition(":")
                environment = os.environ | {"Lazaret__State": state} | dict([setting.split("=")] if setting else [])
                figures = start(os.path.abspath(place), environment, log, lives)
                # The first start makes the database.
                if turn > 0:
                    measured[folder].append(figures)
        for folder, figures in measured.items():
            wall, cpu, mib = (statistics.median(column) for column in zip(*figures))
            print(f"{folder}: {wall:.0f} ms until it answers, {cpu:.0f} ms of processor{f' in its first {lives:g} s' if lives else ''}, {mib:.0f} MiB, median of {TURNS}")


given = sys.argv[1:]
lives = float(given[1]) if given[:1] == ["--lives"] else 0
main(lives, (given[2:] if lives else given) or ["artifacts/lazaret"])
