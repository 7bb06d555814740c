"""A server that is none of HTTP: it has the same bytes for everybody."""

import socket
import threading
from contextlib import closing, contextmanager


@contextmanager
def listening(response):
    """Serve these bytes to everybody who connects; give the port, and the connections."""
    taken = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                taken.append(connection)
                with closing(connection):
                    connection.recv(65536)
                    connection.sendall(response)

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1], taken
        listener.shutdown(socket.SHUT_RDWR)
