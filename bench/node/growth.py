"""Does a node with 300,000 finished jobs do as much as one with 1,000? python3 bench/node/growth.py [sqlite|postgres] [JOBS] [SECONDS]

Two nodes of their own, one with few and one with many finished jobs (made by SQL out of one that was really run), take turns: reads of a finished job, admissions, and
jobs through queue and run. Then the many expire but for a part, and are purged while admissions go on. Compare the ratios. Needs ./lazaret, wrk, postgresql-15, psql.
"""
import json, os, re, shutil, socket, sqlite3, statistics, subprocess, sys, tempfile, threading, time, urllib.request

KINDS = [sys.argv[1]] if len(sys.argv) > 1 else ["sqlite", "postgres"]
JOBS = int(sys.argv[2]) if len(sys.argv) > 2 else 300_000
SECONDS = int(sys.argv[3]) if len(sys.argv) > 3 else 4
FEW, EXPIRED, ROUNDS, RUNS = 1000, JOBS * 5 // 6, 3, 60
HERE = os.path.dirname(os.path.abspath(__file__))
NODE = os.environ.get("LAZARET", os.path.join(HERE, "../../artifacts/lazaret/lazaret"))
PG = "/usr/lib/postgresql/15/bin"
# Nothing expires while reads, admissions and jobs are measured.
KEEP = {f"Lazaret__Retention__{kind}Days": "36500" for kind in ("Input", "Result", "Log")}
started = []


def port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(command, user=None, **environment):
    line = (["setpriv", "--reuid", user, "--regid", user, "--clear-groups"] if user and os.geteuid() == 0 else []) + command
    process = subprocess.Popen(line, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
    started.append(process)
    return process


def until(ask, seconds=120):
    for _ in range(seconds * 20):
        try:
            return ask()
        except Exception:
            time.sleep(0.05)
    raise TimeoutError(str(ask))


def call(url, body=None, key=None):
    headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as answer:
        return json.loads(answer.read())


def wrk(url, script=None, seconds=SECONDS):
    line = ["wrk", "-t1", "-c16", f"-d{seconds}s"] + (["-s", script] if script else []) + [url]
    text = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text:
        print("  !", re.search("Non-2xx.*", text)[0])
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])


class Site:
    """A node with so many finished jobs."""

    def __init__(self, kind, jobs, folder, pg_port):
        self.kind, self.state = kind, os.path.join(folder, f"{kind}-{jobs}")
        self.database, self.pg_port = f"jobs{jobs}", pg_port
        self.settings = {"WORK_DIR": self.state, "DATA_VIEW": "", "DOTNET_ENVIRONMENT": "Bench", "Lazaret__Sandbox__Backend": "bubblewrap", "Lazaret__Queue__MaxQueued": "1000000",
                         "Lazaret__Queue__MaxQueuedPerRequester": "1000000", **KEEP}
        if kind == "postgres":
            subprocess.run(["psql", "-qh", "127.0.0.1", "-p", str(pg_port), "-U", "postgres", "-c", f"CREATE DATABASE {self.database}"], check=True)
            self.settings |= {"Lazaret__Database__Provider": "postgres", "ConnectionStrings__Lazaret": f"Host=127.0.0.1;Port={pg_port};Username=postgres;Database={self.database}"}
        self.run("models", "add", os.path.join(folder, "quick.yaml"))
        self.listen = port()
        self.base = f"http://127.0.0.1:{self.listen}"
        self.body = open(os.path.join(folder, "body.json"), "rb").read()
        self.script = os.path.join(folder, "post.lua")
        node = self.serve("all")
        self.job = call(f"{self.base}/v1/diagnose", self.body)["job_id"]
        self.wait(self.job)
        self.stop(node)
        self.fill(jobs)

    def run(self, *arguments):
        return subprocess.run([NODE, *arguments], env={**os.environ, **{k: v for k, v in self.settings.items() if k not in KEEP}}, check=True, cwd="/", capture_output=True, text=True).stdout

    def serve(self, role):
        node = start([NODE, "serve", "--role", role, "--urls", self.base], **self.settings)
        until(lambda: urllib.request.urlopen(f"{self.base}/healthz", timeout=2))
        return node

    def stop(self, node):
        node.terminate()
        node.wait(120)

    def wait(self, job):
        while call(f"{self.base}/v1/jobs/{job}")["status"] not in ("COMPLETED", "FAILED"):
            time.sleep(0.005)

    def sql(self, statement, script=False):
        if self.kind == "postgres":
            return subprocess.run(["psql", "-qAtvON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.pg_port), "-U", "postgres", "-d", self.database, "-c", statement], check=True, capture_output=True, text=True).stdout.strip()
        with sqlite3.connect(os.path.join(self.state, "lazaret.db")) as database:
            rows = database.executescript(statement) if script else database.execute(statement).fetchall()
            return "" if script else "\n".join("|".join(str(cell) for cell in row) for row in rows)

    def fill(self, jobs):
        """Copies of the finished job with payloads of their own size, a second apart; the first five sixths ended 40 days ago, the others today."""
        # The time is taken once: a job and its payloads are made by two statements, and the ids hold the time.
        old, now = EXPIRED if jobs == JOBS else 0, int(time.time())
        columns = lambda table: [c for c in (self.sql(f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}'") if self.kind == "postgres"
                                            else self.sql(f"SELECT name FROM pragma_table_info('{table}')")).split("\n")]
        if self.kind == "postgres":
            at = f"(CASE WHEN n < {old} THEN {now - 3456000} ELSE {now - 3600} END)"
            ids = f"(lpad(to_hex({at}::bigint * 1000 + n), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid"
            when = f"to_timestamp({at})"
            source = f"generate_series(1, {jobs}) n"
        else:
            at = f"(CASE WHEN n < {old} THEN {now - 3456000} ELSE {now - 3600} END)"
            hexed = f"printf('%012x%s%s%012x', {at} * 1000 + n, '7000', '8000', n)"
            ids = f"upper(substr(h,1,8)||'-'||substr(h,9,4)||'-'||substr(h,13,4)||'-'||substr(h,17,4)||'-'||substr(h,21,12))"
            when = f"strftime('%Y-%m-%d %H:%M:%S', {at}, 'unixepoch')"
            source = f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {jobs}) SELECT n, {hexed} AS h FROM s)"
        quoted = lambda names: ", ".join(f'"{name}"' for name in names)
        job = [c for c in columns("Jobs")]
        chosen = {"Id": ids, "IdempotencyKey": "NULL", "CreatedAt": when, "UpdatedAt": when}
        one = f"\"Jobs\" j CROSS JOIN {source}"
        where = "j.\"Id\" = '" + (self.job if self.kind == "postgres" else self.job.upper()) + "'"
        self.sql(f"INSERT INTO \"Jobs\" ({quoted(job)}) SELECT {', '.join(chosen.get(c, 'j.' + chr(34) + c + chr(34)) for c in job)} FROM {one} WHERE {where}")
        payload = columns("Payloads")
        self.sql(f"INSERT INTO \"Payloads\" ({quoted(payload)}) SELECT {', '.join({'JobId': ids}.get(c, 'p.' + chr(34) + c + chr(34)) for c in payload)} FROM \"Payloads\" p CROSS JOIN {source} "
                 f"WHERE p.{where[2:].replace('Id', 'JobId')}")
        if self.kind == "postgres":
            self.sql("ANALYZE")


def jobs_a_second(site, tag):
    node, began = site.serve("all"), time.monotonic()
    ids = [call(f"{site.base}/v1/diagnose", site.body, f"{tag}-{i}")["job_id"] for i in range(RUNS)]
    for job in ids:
        site.wait(job)
    took = time.monotonic() - began
    site.stop(node)
    return RUNS / took


def main():
    folder = tempfile.mkdtemp(prefix="lazaret-growth-")
    os.chmod(folder, 0o755)
    try:
        pg_port = port()
        if "postgres" in KINDS:
            data = os.path.join(folder, "postgres")
            os.mkdir(data)
            if os.geteuid() == 0:
                shutil.chown(data, "postgres", "postgres")
            start([f"{PG}/initdb", "-D", f"{data}/data", "-U", "postgres", "-A", "trust"], user="postgres").wait()
            start([f"{PG}/postgres", "-D", f"{data}/data", "-p", str(pg_port), "-h", "127.0.0.1", "-k", ""], user="postgres")
            until(lambda: subprocess.run(["psql", "-qh", "127.0.0.1", "-p", str(pg_port), "-U", "postgres", "-c", "SELECT 1"], check=True, capture_output=True))
        patient = {"resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "1984-11-02"}
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "http://example.org/fhir/Patient/p", "resource": patient}]}
        with open(os.path.join(folder, "body.json"), "w") as file:
            json.dump({"client_id": "bench", "target_diagnosis": "quick", "fhir_bundle": bundle}, file)
        with open(os.path.join(folder, "post.lua"), "w") as lua:
            lua.write(f"wrk.method='POST'\nwrk.headers['Content-Type']='application/json'\nwrk.body=[==[{open(os.path.join(folder, 'body.json')).read()}]==]\n")
        os.makedirs(os.path.join(folder, "image/bin"))
        shutil.copy("/bin/busybox", os.path.join(folder, "image/bin/busybox"))
        with open(os.path.join(folder, "quick.yaml"), "w") as file:
            file.write("key: quick\nversion: 1.0.0\naccuracy: 0.5\nimage: ./image\noutput: {diagnosis: {enum: [POSITIVE, NEGATIVE]}}\n"
                       "command: [/bin/busybox, sh, -c, 'echo \"{\\\"diagnosis\\\":\\\"POSITIVE\\\"}\" > \"$OUT_JSON\"']\n")
        for kind in KINDS:
            few, many = Site(kind, FEW, folder, pg_port), Site(kind, JOBS, folder, pg_port)
            found = {"reads": ([], []), "jobs": ([], []), "admissions": ([], [])}
            for turn in range(ROUNDS):
                for index, site in enumerate((few, many) if turn % 2 == 0 else (many, few)):
                    index = index if turn % 2 == 0 else 1 - index
                    found["jobs"][index].append(jobs_a_second(site, f"t{turn}"))
                    node = site.serve("api")
                    wrk(f"{site.base}/v1/jobs/{site.job}", seconds=3)
                    found["reads"][index].append(wrk(f"{site.base}/v1/jobs/{site.job}"))
                    found["admissions"][index].append(wrk(f"{site.base}/v1/diagnose", site.script))
                    site.stop(node)
                    # What the admissions left waiting is not for the next round's runs.
                    site.sql("UPDATE \"Jobs\" SET \"State\" = 'Cancelled' WHERE \"State\" = 'Queued'")
            print(f"\n| {kind}: a second, medians of {ROUNDS} | {FEW} finished jobs | {JOBS} | ratio |\n|---|---|---|---|")
            for what, (a, b) in found.items():
                a, b = statistics.median(a), statistics.median(b)
                print(f"| {what} | {a:.0f} | {b:.0f} | {a / b:.2f} |", flush=True)
            size = lambda: int(many.sql("SELECT pg_database_size(current_database())")) if kind == "postgres" else os.path.getsize(os.path.join(many.state, "lazaret.db"))
            before, node = size(), many.serve("api")
            alone = wrk(f"{many.base}/v1/diagnose", many.script)
            purged = {}

            def purge():
                began = time.monotonic()
                purged["said"] = many.run("purge").strip().split("\n")[-1]
                purged["took"] = time.monotonic() - began

            thread, beside = threading.Thread(target=purge), []
            thread.start()
            while thread.is_alive():
                beside.append(wrk(f"{many.base}/v1/diagnose", many.script, 2))
            after = size()
            many.stop(node)
            many.run("compact")
            print(f"| purge of {EXPIRED} jobs beside admissions | {purged['said']} in {purged['took']:.0f} s | admissions {alone:.0f} alone, {statistics.median(beside):.0f} beside | "
                  f"{before >> 20} MiB, after purge {after >> 20}, after compact {size() >> 20} |", flush=True)
    finally:
        for process in started:
            if process.poll() is None:
                process.terminate()
                process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


main()
