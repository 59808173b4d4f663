"""The plain Python way: FastAPI, a table of jobs, a worker that runs a program for each. No FHIR validation, no negotiation, no sandbox, no audit.

As a server: uvicorn peer:app. As a worker: python3 peer.py. PEER_DB is a file of SQLite's or a connection string of PostgreSQL's;
with PEER_REDIS ids go through a list of Redis's, otherwise the worker polls the table.
"""
import json, os, sqlite3, subprocess, threading, time, uuid

DB = os.environ["PEER_DB"]
POSTGRES = DB.startswith("host=")
REDIS = os.environ.get("PEER_REDIS")
local = threading.local()

if REDIS:
    import redis
    queue = redis.Redis(port=int(REDIS))


def connection():
    if not hasattr(local, "connection"):
        if POSTGRES:
            import psycopg2
            local.connection = psycopg2.connect(DB)
        else:
            local.connection = sqlite3.connect(DB, timeout=30)
            local.connection.execute("PRAGMA journal_mode=WAL")
    return local.connection


def run(statement, *values):
    c = connection()
    cursor = c.cursor()
    cursor.execute(statement.replace("?", "%s") if POSTGRES else statement, values)
    rows = cursor.fetchall() if cursor.description else []
    c.commit()
    return rows


def create():
    run("CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, state TEXT, request TEXT, result TEXT, created DOUBLE PRECISION)")
    run("CREATE INDEX IF NOT EXISTS waiting ON jobs (state, created)")


def work():
    while True:
        if REDIS:
            taken = queue.brpop("jobs", timeout=1)
            job = taken and taken[1].decode()
        else:
            waiting = run("SELECT id FROM jobs WHERE state = 'QUEUED' ORDER BY created LIMIT 1")
            job = waiting and waiting[0][0]
        if not job:
            time.sleep(0.05)
            continue
        run("UPDATE jobs SET state = 'PROCESSING' WHERE id = ?", job)
        program = subprocess.run(["/bin/busybox", "sh", "-c", 'echo "{\\"diagnosis\\":\\"POSITIVE\\"}"'], capture_output=True, check=True)
        run("UPDATE jobs SET state = 'COMPLETED', result = ? WHERE id = ?", program.stdout.decode(), job)


if __name__ == "__main__":
    create()
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
else:
    from fastapi import FastAPI, HTTPException
    from pydantic import BaseModel

    create()
    app = FastAPI()

    class Diagnose(BaseModel):
        client_id: str
        target_diagnosis: str
        fhir_bundle: dict

    @app.post("/v1/diagnose", status_code=202)
    def diagnose(body: Diagnose):
        job = str(uuid.uuid4())
        run("INSERT INTO jobs VALUES (?, 'QUEUED', ?, NULL, ?)", job, json.dumps(body.fhir_bundle), time.time())
        if REDIS:
            queue.lpush("jobs", job)
        return {"job_id": job, "status": "QUEUED"}

    @app.get("/v1/jobs/{job}")
    def show(job: str):
        rows = run("SELECT state, result FROM jobs WHERE id = ?", job)
        if not rows:
            raise HTTPException(404)
        return {"job_id": job, "status": rows[0][0], "result": rows[0][1] and json.loads(rows[0][1])}
