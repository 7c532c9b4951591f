"""What the benchmark starts: the mock provider, nginx as baseline and as TLS provider, the daemon."""
import http.client
import json
import os
import pathlib
import resource
import shutil
import socket
import subprocess
import time


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, limit=10.0):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.005)
    raise RuntimeError(f"nothing listens on port {port}")


def raise_descriptor_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def children(pid):
    listed = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def cpu_seconds(pids):
    """User and system time of these processes so far; a tick is 10 ms."""
    ticks = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def rss_anon_kib(pids):
    total = 0
    for pid in pids:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                total += int(line.split()[1])
    return total


class Server:
    """A process of ours; `pids` are those whose CPU and memory count."""

    def __init__(self, command, env=None, log=None):
        out = open(log, "ab") if log else subprocess.DEVNULL
        self.process = subprocess.Popen(command, env=env, stdout=out, stderr=out)
        self.pids = [self.process.pid]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def make_certificates(folder):
    """A small authority and a certificate for 127.0.0.1, fresh for each run."""
    run = lambda *words: subprocess.run(
        ["openssl", *words], cwd=folder, check=True, capture_output=True)
    run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=bench authority")
    run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    run("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-out",
        "server.pem", "-days", "2", "-extfile", "names")


NGINX = """
worker_processes 2; worker_rlimit_nofile 65536; daemon off; pid {folder}/{name}.pid;
error_log {folder}/{name}.err;
events {{ worker_connections 16384; }}
http {{
  access_log off; keepalive_requests 100000000; client_max_body_size 64m;
  client_body_buffer_size 2m; client_body_temp_path {folder}/{name}.body;
  proxy_temp_path {folder}/{name}.proxy; fastcgi_temp_path {folder}/{name}.f;
  uwsgi_temp_path {folder}/{name}.u; scgi_temp_path {folder}/{name}.s;
{servers}
}}
"""

PROXY = """
  upstream up{listen} {{ server 127.0.0.1:{to}; keepalive 256; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{listen}{ssl};
    location / {{
      proxy_pass {scheme}://up{listen}; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffering {buffering}; proxy_buffers 64 32k; proxy_buffer_size 32k;
      proxy_busy_buffers_size 64k; proxy_max_temp_file_size 0; {extra}
    }}
  }}
"""


class Nginx(Server):
    """nginx with in-memory bodies; each route is (listen, to, kind)."""

    def __init__(self, folder, name, routes):
        servers = ""
        for route in routes:
            kind = route.get("kind", "plain")
            extra = ""
            if kind == "to-tls":
                extra = (f"proxy_ssl_verify on; proxy_ssl_trusted_certificate {folder}/ca.pem; "
                         "proxy_ssl_name localhost; proxy_ssl_server_name on;")
            ssl = " ssl" if kind == "from-tls" else ""
            servers += PROXY.format(
                listen=route["listen"], to=route["to"], ssl=ssl, extra=extra,
                scheme="https" if kind == "to-tls" else "http",
                buffering="off" if route.get("stream") else "on")
            if kind == "from-tls":
                servers = servers.replace(
                    f"listen 127.0.0.1:{route['listen']} ssl;",
                    f"listen 127.0.0.1:{route['listen']} ssl; ssl_certificate {folder}/server.pem; "
                    f"ssl_certificate_key {folder}/server.key; ssl_session_cache shared:s:4m;")
        config = folder / f"{name}.conf"
        config.write_text(NGINX.format(folder=folder, name=name, servers=servers))
        super().__init__([shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(folder), "-c",
                          str(config)], log=folder / f"{name}.log")
        for route in routes:
            wait_for(route["listen"])
        while len(children(self.process.pid)) < 2:
            time.sleep(0.005)
        self.pids = children(self.process.pid)


class Control(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))


class Daemon(Server):
    def __init__(self, bin_dir, folder, name, extra=()):
        self.home = folder / name
        self.home.mkdir()
        self.port = free_port()
        env = dict(os.environ, ROUTERONE_HOME=str(self.home))
        super().__init__([str(bin_dir / "routeroned"), "--listen", f"127.0.0.1:{self.port}",
                          "--log-level", "warn", *extra], env=env, log=folder / f"{name}.log")
        wait_for(self.port)
        while self.process.poll() is None and not self.takes_wishes():
            time.sleep(0.005)
        self.key = self.control("/keys/create", {"name": "bench"})["key"]

    def takes_wishes(self):
        try:
            Control(self.home / "run" / "control.sock").connect()
        except OSError:
            return False
        return True

    def control(self, path, body):
        connection = Control(self.home / "run" / "control.sock")
        connection.request("POST", path, json.dumps(body), {
            "Content-Type": "application/json", "Routerone-Contract": "1"})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {text}")
        return json.loads(text)

    def add_provider(self, name, base_url, ca_file=None):
        wish = {"id": name, "base_url": base_url, "dialect": "openai-chat", "auth": "none"}
        if ca_file:
            wish["ca_file"] = str(ca_file)
        self.control("/providers/add", wish)

    def limit_spend(self, bin_dir, providers):
        """A limit on each scope, far above what is spent here, and a price for every model."""
        env = dict(os.environ, ROUTERONE_HOME=str(self.home))
        commands = [["models", "price", f"{provider}/m", "--input", "0.01", "--output", "0.01"]
                    for provider in providers]
        commands += [["budgets", "set", scope, "1000000", "--every", "day"]
                     for scope in ("wallet", "project:default", "key:bench")]
        for words in commands:
            subprocess.run([str(bin_dir / "routerone"), *words], env=env, check=True,
                           capture_output=True)
