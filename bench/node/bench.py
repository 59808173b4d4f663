"""The node beside the plain Python way (peer.py), in one run, on the same servers: python3 bench/node/bench.py [SECONDS]

Needs ./lazaret built, and Debian's wrk, postgresql-15, redis-server, python3-fastapi, uvicorn, python3-psycopg2, python3-redis.
"""
import json, os, re, shutil, signal, socket, subprocess, sys, tempfile, time, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
NODE = os.path.join(HERE, "../../artifacts/lazaret/lazaret")
SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
JOBS = 200
started = []


def request():
    """A patient and six vital signs, as the sample model asks for them."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    vitals = [("9279-1", 14, "/min"), ("59408-5", 98, "%"), ("8867-4", 68, "/min"), ("8310-5", 36.8, "Cel"), ("3151-8", 0, "L/min")]

    def observation(name, code, **value):
        return {"fullUrl": f"http://example.org/fhir/Observation/{name}", "resource": {
            "resourceType": "Observation", "id": name, "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "subject": {"reference": "Patient/p"}, "effectiveDateTime": now, **value}}

    quantity = lambda value, unit: {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}
    entries = [{"fullUrl": "http://example.org/fhir/Patient/p", "resource": {"resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "1984-11-02"}}]
    entries += [observation(f"o{i}", code, valueQuantity=quantity(value, unit)) for i, (code, value, unit) in enumerate(vitals)]
    entries.append(observation("bp", "85354-9", component=[
        {"code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "valueQuantity": quantity(value, "mm[Hg]")}
        for code, value in (("8480-6", 124), ("8462-4", 78))]))
    bundle = {"resourceType": "Bundle", "type": "collection", "timestamp": now, "entry": entries}
    return {"client_id": "bench", "target_diagnosis": "sepsis", "fhir_bundle": bundle}


def port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(command, user=None, **environment):
    line = (["setpriv", "--reuid", user, "--regid", user, "--clear-groups"] if user and os.geteuid() == 0 else []) + command
    process = subprocess.Popen(line, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
    started.append(process)
    return process


def until(ask, seconds=60):
    for _ in range(seconds * 20):
        try:
            return ask()
        except Exception:
            time.sleep(0.05)
    raise TimeoutError(str(ask))


def stop(*processes):
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        process.wait(60)


def call(url, body=None):
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def wrk(url, script=None):
    line = ["wrk", "-t1", "-c32", f"-d{SECONDS}s", "--latency"] + (["-s", script] if script else []) + [url]
    text = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    found = lambda pattern: (re.search(pattern, text) or ["", "?"])[1]
    if "Non-2xx" in text:
        print(f"  ! {url}: {found(r'(Non-2xx.*)')}")
    return float(found(r"Requests/sec:\s+([\d.]+)")), found(r"\n +50% +(\S+)"), found(r"\n +99% +(\S+)")


def memory(process):
    with open(f"/proc/{process.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) // 1024


def jobs_a_second(base, body):
    began = time.monotonic()
    ids = [call(f"{base}/v1/diagnose", body.encode())["job_id"] for _ in range(JOBS)]
    for job in ids:
        while call(f"{base}/v1/jobs/{job}")["status"] != "COMPLETED":
            time.sleep(0.01)
    return JOBS / (time.monotonic() - began), ids[0]


def round_of(kind, folder, pg_port, redis_port):
    body = open(os.path.join(folder, "body.json")).read()
    rows = {}
    for name in ("lazaret", "peer"):
        # Admissions and jobs on a database each, so that what the one leaves waiting is not the other's to run.
        results = {}
        for step in ("admissions", "jobs"):
            listen = port()
            base = f"http://127.0.0.1:{listen}"
            database = f"{name}_{kind}_{step}".replace("+", "_")
            if kind != "sqlite":
                subprocess.run(["psql", "-qh", "127.0.0.1", "-p", str(pg_port), "-U", "postgres", "-c", f"CREATE DATABASE {database}"], check=True)
            if name == "lazaret":
                state = os.path.join(folder, f"state-{database}")
                settings = {
                    "WORK_DIR": state, "DOTNET_ENVIRONMENT": "Bench", "Lazaret__Sandbox__Backend": "bubblewrap",
                    "Lazaret__Queue__MaxQueued": "1000000",
                    "Lazaret__Queue__MaxQueuedPerRequester": "1000000", "Lazaret__Queue__Name": database,
                }
                if kind != "sqlite":
                    settings |= {
                        "Lazaret__Database__Provider": "postgres", "Lazaret__Queue__Provider": "redis",
                        "ConnectionStrings__Lazaret": f"Host=127.0.0.1;Port={pg_port};Username=postgres;Database={database}",
                        "ConnectionStrings__Redis": f"127.0.0.1:{redis_port}",
                    }
                for model in ("sepsis-news2/manifest.yaml", "quick.yaml"):
                    path = os.path.join(os.path.dirname(NODE), "samples", model) if "sepsis" in model else os.path.join(folder, model)
                    subprocess.run([NODE, "models", "add", path], env={**os.environ, **settings}, check=True, cwd="/")
                server = [NODE, "serve", "--role", "api", "--urls", base]
                worker = [NODE, "serve", "--role", "work"]
            else:
                settings = {
                    "PEER_DB": os.path.join(folder, f"{database}.db") if kind == "sqlite" else f"host=127.0.0.1 port={pg_port} user=postgres dbname={database}",
                    "PYTHONPATH": HERE,
                }
                if kind != "sqlite":
                    settings["PEER_REDIS"] = str(redis_port)
                server = ["/usr/bin/python3", "-m", "uvicorn", "peer:app", "--port", str(listen), "--log-level", "warning"]
                worker = ["/usr/bin/python3", os.path.join(HERE, "peer.py")]
            api = start(server, **settings)
            until(lambda: urllib.request.urlopen(f"{base}/{'healthz' if name == 'lazaret' else 'docs'}", timeout=2))
            if step == "admissions":
                time.sleep(2)
                results["rest"] = memory(api)
                script = os.path.join(folder, "post.lua")
                with open(script, "w") as lua:
                    lua.write(f"wrk.method='POST'\nwrk.headers['Content-Type']='application/json'\nwrk.body=[==[{body}]==]\n")
                wrk(f"{base}/v1/diagnose", script)
                results["admissions"] = wrk(f"{base}/v1/diagnose", script)
                stop(api)
            else:
                working = start(worker, **settings)
                quick = body.replace('"sepsis"', '"quick"', 1)
                jobs_a_second(base, quick)
                results["jobs"], job = jobs_a_second(base, quick)
                wrk(f"{base}/v1/jobs/{job}")
                results["reads"] = wrk(f"{base}/v1/jobs/{job}")
                stop(api, working) if name == "lazaret" else (working.kill(), stop(api))
            if kind != "sqlite":
                subprocess.run(["redis-cli", "-p", str(redis_port), "FLUSHALL"], check=True, stdout=subprocess.DEVNULL)
        rows[name] = results
    mine, peer = rows["lazaret"], rows["peer"]
    print(f"\n| {kind} | Lazaret | Python peer | × |\n|---|---|---|---|")
    for what, unit in (("admissions", "admitted diagnoses a second"), ("reads", "reads of a finished job a second")):
        shown = [f"{r[what][0]:.0f} (p50 {r[what][1]}, p99 {r[what][2]})" for r in (mine, peer)]
        print(f"| {unit} | {shown[0]} | {shown[1]} | {mine[what][0] / peer[what][0]:.1f} |")
    print(f"| jobs a second, admitted one after the other, queue and run | {mine['jobs']:.0f} | {peer['jobs']:.0f} | {mine['jobs'] / peer['jobs']:.1f} |")
    print(f"| memory of the server at rest | {mine['rest']} MB | {peer['rest']} MB | |", flush=True)


def main():
    folder = tempfile.mkdtemp(prefix="lazaret-bench-")
    os.chmod(folder, 0o755)
    try:
        postgres, redis = os.path.join(folder, "postgres"), port()
        os.mkdir(postgres)
        if os.geteuid() == 0:
            shutil.chown(postgres, "postgres", "postgres")
        programs, pg_port = "/usr/lib/postgresql/15/bin", port()
        start([f"{programs}/initdb", "-D", f"{postgres}/data", "-U", "postgres", "-A", "trust"], user="postgres").wait()
        start([f"{programs}/postgres", "-D", f"{postgres}/data", "-p", str(pg_port), "-h", "127.0.0.1", "-k", ""], user="postgres")
        start(["redis-server", "--port", str(redis), "--save", "", "--dir", "/"], user="redis")
        until(lambda: subprocess.run(["psql", "-qh", "127.0.0.1", "-p", str(pg_port), "-U", "postgres", "-c", "SELECT 1"], check=True, capture_output=True))
        with open(os.path.join(folder, "body.json"), "w") as file:
            json.dump(request(), file)
        os.makedirs(os.path.join(folder, "image/bin"))
        shutil.copy("/bin/busybox", os.path.join(folder, "image/bin/busybox"))
        with open(os.path.join(folder, "quick.yaml"), "w") as file:
            file.write("key: quick\nversion: 1.0.0\naccuracy: 0.5\nimage: ./image\noutput: {diagnosis: {enum: [POSITIVE, NEGATIVE]}}\n"
                       "command: [/bin/busybox, sh, -c, 'echo \"{\\\"diagnosis\\\":\\\"POSITIVE\\\"}\" > \"$OUT_JSON\"']\n")
        for kind in ("sqlite", "postgres+redis"):
            round_of(kind, folder, pg_port, redis)
    finally:
        for process in started:
            if process.poll() is None:
                process.terminate()
                process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


main()
