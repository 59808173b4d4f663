"""Entries of the audit a second, by four processes on one PostgreSQL, and whether the chain is whole afterwards: python3 bench/node/chain.py [SECONDS]

First by requests to four nodes: each is refused, which is one entry, and 64 at a time come to each process. Then by four processes that write entries and do nothing else,
64 at a time each. Needs ./lazaret and bench/audit built (dotnet build bench/audit -c Release), and Debian's wrk and postgresql-15.
"""
import json, os, re, shutil, socket, subprocess, sys, tempfile, time, urllib.request

BUILT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../artifacts")
NODE = os.path.join(BUILT, "lazaret/lazaret")
WRITER = os.path.join(BUILT, "bin/AuditBench/release_linux-x64/AuditBench")
SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 10
PROGRAMS = "/usr/lib/postgresql/15/bin"


def port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(ask):
    for _ in range(600):
        try:
            return ask()
        except Exception:
            time.sleep(0.05)
    raise TimeoutError


folder, started = tempfile.mkdtemp(prefix="lazaret-chain-"), []
try:
    os.chmod(folder, 0o755)
    data, server = os.path.join(folder, "data"), port()
    os.mkdir(data)
    user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] if os.geteuid() == 0 else []
    if user:
        shutil.chown(data, "postgres", "postgres")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    subprocess.run(user + [f"{PROGRAMS}/initdb", "-D", data, "-U", "postgres", "-A", "trust"], check=True, **quiet)
    started.append(subprocess.Popen(user + [f"{PROGRAMS}/postgres", "-D", data, "-p", str(server), "-h", "127.0.0.1", "-k", ""], **quiet))
    until(lambda: subprocess.run(["psql", "-qh", "127.0.0.1", "-p", str(server), "-U", "postgres", "-c", "CREATE DATABASE chain"], check=True, capture_output=True))
    settings = {**os.environ, "WORK_DIR": os.path.join(folder, "state"), "Lazaret__Database__Provider": "postgres",
                "ConnectionStrings__Lazaret": f"Host=127.0.0.1;Port={server};Username=postgres;Database=chain"}
    urls = []
    for _ in range(4):
        urls.append(f"http://127.0.0.1:{port()}")
        started.append(subprocess.Popen([NODE, "serve", "--role", "api", "--urls", urls[-1]], env=settings, **quiet))
        until(lambda: urllib.request.urlopen(f"{urls[-1]}/healthz", timeout=2))
    script = os.path.join(folder, "post.lua")
    with open(script, "w") as lua:
        lua.write("wrk.method='POST'\nwrk.headers['Content-Type']='application/json'\nwrk.body='{\"client_id\":\"bench\",\"target_diagnosis\":\"none\",\"fhir_bundle\":{}}'\n")
    flood = lambda seconds: [subprocess.Popen(["wrk", "-t1", "-c64", f"-d{seconds}s", "-s", script, f"{url}/v1/diagnose"], stdout=subprocess.PIPE, text=True) for url in urls]
    for process in flood(3):
        process.communicate()
    rate = sum(float(re.search(r"Requests/sec:\s+([\d.]+)", process.communicate()[0])[1]) for process in flood(SECONDS))
    for process in started[1:]:
        process.terminate()
        process.wait(60)
    writers = [subprocess.Popen([WRITER, settings["WORK_DIR"], str(SECONDS)], env=settings, stdout=subprocess.PIPE, text=True, cwd="/") for _ in range(4)]
    alone = sum(float(process.communicate()[0]) for process in writers)
    verified = subprocess.run([NODE, "audit", "verify", "--json"], env=settings, capture_output=True, text=True, cwd="/")
    report = json.loads(verified.stdout)
    print(f"entries a second by four processes: {rate:.0f} by refused requests, {alone:.0f} by writers alone; {report['links']} links, {'whole' if report['ok'] else 'BROKEN'}, exit {verified.returncode}")
finally:
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(60)
    shutil.rmtree(folder, ignore_errors=True)
