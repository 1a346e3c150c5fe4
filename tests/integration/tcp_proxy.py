"""A way to a server that can break: a proxy that forwards bytes, until it is told not to."""
import select
import socket
import struct
import threading
import time


class TcpProxy:
    """Listens on 127.0.0.1:port. Its ways to break may be called at any time, by any thread."""

    def __init__(self, host, port):
        self.target = (host, int(port))
        self.mutex = threading.Lock()
        self.pairs = set()  # guard: mutex; (client, server) of each connection
        self.flowing = threading.Event()
        self.flowing.set()
        self.listener = None  # guard: mutex
        self.port = 0
        self.accepted = 0  # guard: mutex
        self.delay_s = 0.0  # before each piece of up to 64 KB is passed on
        self.passed_bytes = 0  # guard: mutex
        self.open()

    def open(self):
        """Takes connections (again), on the port of before."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        self.port = listener.getsockname()[1]
        with self.mutex:
            self.listener = listener
        threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    def shut(self):
        """Refuses new connections."""
        with self.mutex:
            listener, self.listener = self.listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def cut(self):
        """Resets all connections; gives how many there were."""
        with self.mutex:
            pairs, self.pairs = self.pairs, set()
        for pair in pairs:
            for end in pair:
                self.reset(end)
        return len(pairs)

    def hang(self):
        """Takes connections and bytes, and passes nothing on."""
        self.flowing.clear()

    def flow(self):
        self.flowing.set()

    def close(self):
        self.shut()
        self.flow()
        self.cut()

    @staticmethod
    def reset(end):
        try:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it is closed already
        end.close()

    def accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with self.mutex:
                self.accepted += 1
            threading.Thread(target=self.forward, args=(client,), daemon=True).start()

    def forward(self, client):
        try:
            server = socket.create_connection(self.target)
        except OSError:
            self.reset(client)
            return
        pair = (client, server)
        with self.mutex:
            self.pairs.add(pair)
        try:
            while True:
                ready, _, _ = select.select(pair, (), ())
                for end in ready:
                    data = end.recv(65536)
                    self.flowing.wait()
                    if not data:
                        return
                    if self.delay_s:
                        time.sleep(self.delay_s)
                    (server if end is client else client).sendall(data)
                    with self.mutex:
                        self.passed_bytes += len(data)
        except (OSError, ValueError):
            pass  # one side has gone, or the test has cut them
        finally:
            with self.mutex:
                self.pairs.discard(pair)
            for end in pair:
                end.close()
