"""A server on the loopback address that answers ``/v1/completions`` for a model, in the words of three servers."""

import http.server
import json
import threading
import time

import numpy as np

VLLM, LLAMA_SERVER, LLAMA_CPP_PYTHON = "vllm", "llama-server", "llama-cpp-python"
WORDS = (VLLM, LLAMA_SERVER, LLAMA_CPP_PYTHON)


class CompletionsServer:
    """Serves ``model`` of ``tokenizer`` while its context is open; ``trouble(number, path)`` may change an answer.

    Where ``trouble`` returns a pair of status and bytes, these are sent; a number of seconds is waited for first.
    """

    def __init__(self, model, tokenizer, words=VLLM, *, start=(), trouble=None, names=("specialist",), most=20):
        self.model, self.tokenizer, self.words, self.start = model, tokenizer, words, list(start)
        self.trouble, self.names, self.most, self.asked = trouble, names, most, []

    def __enter__(self):
        serving = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_GET(self):
                self.reply(None)

            def do_POST(self):
                self.reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def reply(self, request):
                serving.asked.append((self.path, request, dict(self.headers)))
                changed = serving.trouble(len(serving.asked), self.path) if serving.trouble else None
                if isinstance(changed, float):
                    time.sleep(changed)
                status, body = changed if isinstance(changed, tuple) else serving.answer(self.path, request)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path, request):
        """Status and body."""
        routes = {"/v1/models": self.models, "/v1/completions": self.completion, "/tokenize": self.cut}
        if path not in routes or (path == "/tokenize" and self.words == LLAMA_CPP_PYTHON):
            return 404, b'{"detail":"Not Found"}'
        status, value = routes[path](request)
        return status, json.dumps(value).encode()

    def models(self, _):
        return 200, {"object": "list", "data": [{"id": name, "object": "model"} for name in self.names]}

    def cut(self, request):
        text, special = {
            VLLM: lambda: (request["prompt"], request.get("add_special_tokens", True)),
            LLAMA_SERVER: lambda: (request["content"], request.get("add_special", False)),
        }[self.words]()
        return 200, {"tokens": [*(self.start if special else []), *self.tokenizer.encode(text).ids]}

    def completion(self, request):
        prompt, k = request["prompt"], request["logprobs"]
        if isinstance(prompt, list) and self.words == LLAMA_CPP_PYTHON:
            detail = [{"loc": ["body", "prompt"], "msg": "Input should be a valid string", "type": "string_type"}]
            return 422, {"detail": detail}
        if self.words == VLLM and k > self.most:
            message = f"Requested sample logprobs of {k}, which is greater than max allowed: {self.most}"
            return 400, {"error": {"message": message, "type": "BadRequestError", "code": 400}}
        ids = prompt if isinstance(prompt, list) else self.tokenizer.encode(prompt).ids
        if self.words == LLAMA_CPP_PYTHON and ids[: len(self.start)] != self.start:  # it adds it where it is not there
            ids = [*self.start, *ids]
        known = ids[len(self.start) :]
        row = np.asarray(self.model.log_probs(np.array([*known, 0]))[-1], dtype=float)
        best = np.argsort(-row, kind="stable")[:k].tolist()
        first = best[0] if "logit_bias" not in request else int(next(iter(request["logit_bias"])))
        return 200, {
            "id": "cmpl-1",
            "object": "text_completion",
            "created": 1,
            "model": self.names[0],
            "choices": [
                {
                    "index": 0,
                    "text": self.text(first),
                    "logprobs": None if self.cut_off(first) else self.logprobs(row, best, request),
                    "finish_reason": "length",
                }
            ],
            "usage": {"prompt_tokens": len(ids), "completion_tokens": 1, "total_tokens": len(ids) + 1},
        }

    def cut_off(self, token):
        """Whether llama-server would send no logprobs, of the first bytes of a character."""
        return self.words == LLAMA_SERVER and self.tokenizer.id_to_token(token)[-1] in map(chr, range(0xC2, 0xF5))

    def text(self, token):
        return self.tokenizer.decode([token])

    def logprobs(self, row, best, request):
        if self.words == LLAMA_SERVER:
            items = [self.item(token, row[token]) for token in best]
            return {"content": [items[0] | {"top_logprobs": items}]}
        numbered = self.words == VLLM and request.get("return_tokens_as_token_ids")
        name = (lambda token: f"token_id:{token}") if numbered else self.text
        top = {}
        for token in best:
            top.setdefault(name(token), max(float(row[token]), -9999.0))
        return {
            "text_offset": [0],
            "token_logprobs": [float(row[best[0]])],
            "tokens": [name(best[0])],
            "top_logprobs": [top],
        }

    def item(self, token, value):
        text = self.text(token)
        return {"id": token, "token": text.replace("\ufffd", ""), "bytes": list(text.encode()), "logprob": float(value)}
