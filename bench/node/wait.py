"""From POST to done, as a requester waits for it: python3 bench/node/wait.py [ROUNDS] [LAZARET…]

One cohort job after the other at the tests' site of 25 subjects, in each sandbox that this machine has. Several builds of the node
(paths of the binary; ./lazaret's without any) take turns, so that their ratio can be trusted where the milliseconds cannot.
"""
import http.client, json, os, shutil, signal, socket, statistics, subprocess, sys, tempfile, time

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
SITE = os.path.join(ROOT, "tests/Lazaret.Tests/Cohort/data/tiny_site")
BUILT = os.path.join(ROOT, "artifacts/lazaret/lazaret")


class Node:
    def __init__(self, binary, sandbox, site=SITE, **environment):
        self.state = tempfile.mkdtemp(prefix="lazaret-bench-")
        os.chmod(self.state, 0o700)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [binary, "serve", "--urls", f"http://127.0.0.1:{self.port}"], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "WORK_DIR": os.path.join(self.state, "var"), "DATA_VIEW": site, "Lazaret__Sandbox__Backend": sandbox, "K_MIN": "5",
                 # Otherwise answers wait for the next whole second.
                 "Lazaret__Disclosure__TickMilliseconds": "0", **environment})
        for _ in range(600):
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"{binary} does not get ready in {sandbox}")

    def ask(self, method, path, body=None, headers={}):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content

    def wait(self, form, ends=("done",)):
        """Milliseconds from the request to the answer that says how the job ended."""
        began = time.perf_counter()
        status, content = self.ask("POST", "/jobs", form, {"Content-Type": "multipart/form-data; boundary=x"})
        assert status == 202, content
        path = f"/jobs/{json.loads(content)['job_id']}"
        while (job := json.loads(self.ask("GET", path)[1]))["status"] in ("queued", "running"):
            time.sleep(0.002)
        assert job["status"] in ends, job
        return 1000 * (time.perf_counter() - began)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        shutil.rmtree(self.state, ignore_errors=True)


def form(fields, map_name, map_file):
    fields = {"task": "map_to_outcome_v1", **fields}
    parts = b"".join(f'--x\r\nContent-Disposition: form-data; name={name}\r\n\r\n{value}\r\n'.encode() for name, value in fields.items())
    return parts + b'--x\r\nContent-Disposition: form-data; name=map_file; filename=' + map_name.encode() + b'\r\n\r\n' + map_file + b"\r\n--x--\r\n"


def main():
    with open(os.path.join(SITE, "maps/main.nii.gz"), "rb") as file:
        question = form({"outcome": "UPDRS_change", "filters": '{"visit":"12mo"}'}, "main.nii.gz", file.read())
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    builds = [os.path.realpath(binary) for binary in sys.argv[2:]] or [BUILT]
    for sandbox in ("bubblewrap", "gvisor"):
        nodes = []
        try:
            nodes = [Node(binary, sandbox) for binary in builds]
        except RuntimeError as missing:
            print(missing)
            for node in nodes:
                node.stop()
            continue
        times = [[] for _ in nodes]
        for turn in range(rounds + 3):
            for node, taken in zip(nodes, times):
                taken.append(node.wait(question))
        for binary, node, taken in zip(builds, nodes, times):
            taken = sorted(taken[3:])
            print(f"{sandbox:<12} median {statistics.median(taken):6.1f} ms, {taken[0]:6.1f} to {taken[-1]:6.1f}   {binary}")
            node.stop()


if __name__ == "__main__":
    main()
