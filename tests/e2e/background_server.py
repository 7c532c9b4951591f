"""Servers on a free loopback port that serve in a thread of their own while they are entered."""
import http.server
import threading


class Background:
    """Before a class of socketserver's with threads."""
    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.port = self.server_address[1]
        self.host = f"127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class BackgroundServer(Background, http.server.ThreadingHTTPServer):
    pass
