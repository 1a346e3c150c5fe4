"""DynamoDB with bad luck: a proxy that breaks requests and answers as a script of chances says.

Every fault is one that the real service, or the way to it, can bring; which one comes when is drawn
from a seed. Nothing is ever made up: an item is in the table only if a request carried it there.
"""
import collections
import http.client
import http.server
import json
import random
import socket
import struct
import sys
import threading
import time
import urllib.parse
import zlib

OPERATIONS = "BatchWriteItem", "BatchGetItem", "Scan", "PutItem"
WRITES = "BatchWriteItem", "UnprocessedItems", "RequestItems"
READS = "BatchGetItem", "UnprocessedKeys", "RequestItems"
SLOW_DOWN = ("ProvisionedThroughputExceededException", "ThrottlingException",
             "RequestLimitExceeded")
# those that are no answer leave the client in doubt whether the request was taken
FAULTS = ("part", "nothing", "throttled", "error before", "error after", "unavailable",
          "reset before", "reset after", "cut", "garbage", "no http", "wrong crc")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        # a client that was killed is what some tests are about
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Proxy:
    """'watch', if given, is told of every PutItem that was sent on: its request, the real answer's
    status and text, and whether that answer is passed on whole. 'intercept', if given, of an
    operation and its request, may say the status and answer that come instead."""
    def __init__(self, target, seed, chance=0.0, delay_s=0.0, watch=None, intercept=None,
                 faults=FAULTS):
        self.target = urllib.parse.urlsplit(target).netloc
        self.random = random.Random(seed)
        self.chance, self.delay_s, self.watch = chance, delay_s, watch
        self.intercept, self.faults = intercept, faults
        self.mutex = threading.Lock()
        self.counts = collections.Counter()  # guard: mutex
        self.deck = []  # guard: mutex; each fault once, in the order in which they come
        self.hangs_left = 0  # guard: mutex
        self.over = threading.Event()
        handler = type("Handler", (Handler,), {"proxy": self})
        self.server = Server(("127.0.0.1", 0), handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()

    def draw(self, operation):
        with self.mutex:
            self.counts["requests"] += 1
            if operation not in OPERATIONS:
                return None
            fault = None
            if self.random.random() < self.chance:
                if not self.deck:
                    self.deck = self.random.sample(self.faults, len(self.faults))
                fault = self.deck.pop()
                if fault in ("part", "nothing") and operation in ("Scan", "PutItem"):
                    fault = "throttled"
            elif self.hangs_left and self.counts["requests"] > 20:
                self.hangs_left -= 1
                fault = "hang"
            if fault:
                self.counts[fault] += 1
            return fault


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1                       # headers and body in one piece
    disable_nagle_algorithm = True
    proxy = None

    def log_message(self, *_):
        pass

    def forward(self, body):
        """The real answer: status and bytes."""
        connection = http.client.HTTPConnection(self.proxy.target, timeout=60)
        try:
            kept = {name: value for name, value in self.headers.items()
                    if name.lower() not in ("host", "content-length", "connection")}
            connection.request("POST", "/", body, kept)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def answer(self, status, body, crc=None, cut=None):
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", "proxy")
        if status == 200 or crc is not None:
            self.send_header("X-Amz-Crc32", str(zlib.crc32(body) if crc is None else crc))
        self.end_headers()
        self.wfile.write(body[:cut])
        self.wfile.flush()

    def refuse(self, status, name):
        self.answer(status, json.dumps({"__type": "com.amazonaws.dynamodb.v20120810#" + name,
                                        "message": "so says the proxy"}).encode())

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def undone(self, operation, body, share):
        """An answer that leaves a share of the request undone, which is not sent on."""
        _, undone_name, _ = WRITES if operation == "BatchWriteItem" else READS
        request = json.loads(body)
        left, sent = {}, {}
        for table, wanted in request["RequestItems"].items():
            many = wanted if operation == "BatchWriteItem" else wanted["Keys"]
            with self.proxy.mutex:
                chosen = [self.proxy.random.random() < share for _ in many]
            parts = [[one for one, is_left in zip(many, chosen) if is_left == side]
                     for side in (True, False)]
            for side, part in zip((left, sent), parts):
                if part:
                    side[table] = (part if operation == "BatchWriteItem"
                                   else {**wanted, "Keys": part})
        answer = {} if operation == "BatchWriteItem" else {"Responses": {t: [] for t in left}}
        if sent:
            status, text = self.forward(json.dumps({**request, "RequestItems": sent}).encode())
            if status != 200:
                return self.answer(status, text)
            answer = json.loads(text)
        answer[undone_name] = left
        return self.answer(200, json.dumps(answer).encode())

    def do_POST(self):
        proxy = self.proxy
        body = self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers["X-Amz-Target"].split(".")[1]
        fault = proxy.draw(operation)
        if proxy.delay_s:
            time.sleep(proxy.delay_s)
        said = proxy.intercept and proxy.intercept(operation, json.loads(body))
        if said:
            return self.answer(said[0], json.dumps(said[1]).encode())
        if fault == "part":
            return self.undone(operation, body, 0.5)
        if fault == "nothing":
            return self.undone(operation, body, 1.0)
        if fault == "throttled":
            with proxy.mutex:
                name = proxy.random.choice(SLOW_DOWN)
            return self.refuse(400, name)
        if fault == "error before":
            return self.refuse(500, "InternalServerError")
        if fault == "unavailable":
            return self.answer(503, b"<html>busy</html>")
        if fault == "reset before":
            return self.reset()
        if fault == "hang":
            proxy.over.wait(100)
            return self.reset()
        status, text = self.forward(body)
        if proxy.watch and operation == "PutItem":
            with proxy.mutex:
                proxy.watch(json.loads(body), status, json.loads(text), fault is None)
        if fault == "error after":
            return self.refuse(500, "InternalServerError")
        if fault == "reset after":
            return self.reset()
        if fault == "cut":
            self.close_connection = True
            return self.answer(status, text, cut=len(text) // 2)
        if fault == "garbage":
            return self.answer(200, b'{"UnprocessedItems":{"\xff\x00')
        if fault == "no http":
            self.close_connection = True
            self.wfile.write(b"\x16\x03\x01\x00 what is this\r\n\r\n")
            return None
        if fault == "wrong crc":
            return self.answer(status, text, crc=zlib.crc32(text) ^ 1)
        return self.answer(status, text)
