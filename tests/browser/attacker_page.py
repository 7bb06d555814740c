"""Another web page on this machine, at its own port: what any site that a browser shows could try."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!doctype html><title>attacker</title>
<iframe name="hidden" src="{target}/"></iframe>
<form id="reset" method="post" target="hidden" action="{target}/_sandbox/reset"></form>
<form id="clock" method="post" target="hidden" action="{target}/_sandbox/clock" enctype="text/plain">
<input name='{{"advance_s": 99999, "x":"' value='"}}'></form>
"""


@contextmanager
def attacking(target):
    """Serve the page, and return its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = PAGE.format(target=target).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
