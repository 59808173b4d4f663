"""How long a node takes from its start until it answers, and how much processor: python3 bench/node/start.py FOLDER [FOLDER …]

Each FOLDER is a published node (artifacts/lazaret), and they take turns, so that two versions can be compared in one run. The database is SQLite and there already.
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


def start(folder, environment, log):
    began = time.monotonic()
    node = subprocess.Popen([f"{folder}/lazaret", "serve", "--urls", ADDRESS], env=environment, cwd=environment["Lazaret__State"], stdout=log, stderr=log)
    try:
        while not answers():
            if node.poll() is not None:
                sys.exit(f"{folder}: the node ended with exit code {node.returncode}")
            time.sleep(0.01)
        return 1000 * (time.monotonic() - began), processor(node)
    finally:
        node.terminate()
        node.wait()


def main(folders):
    with tempfile.TemporaryDirectory() as scratch, open(f"{scratch}/log", "w") as log:
        measured = {folder: [] for folder in folders}
        for turn in range(TURNS + 1):
            for number, folder in enumerate(folders):
                state = f"{scratch}/{number}"
                os.makedirs(state, mode=0o700, exist_ok=True)
                figures = start(os.path.abspath(folder), os.environ | {"Lazaret__State": state}, log)
                # The first start makes the database.
                if turn > 0:
                    measured[folder].append(figures)
        for folder, figures in measured.items():
            wall, cpu = (statistics.median(column) for column in zip(*figures))
            print(f"{folder}: {wall:.0f} ms until it answers, {cpu:.0f} ms of processor, median of {TURNS}")


main(sys.argv[1:] or ["artifacts/lazaret"])
