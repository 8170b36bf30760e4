"""llama.cpp's own server on the loopback address, and a small transformer written as the GGUF file that it reads.

As a script it serves a file until its standard input closes: a process of its own can be killed.
"""

import json
import subprocess
import sys
import threading

DEADLINE = 60  # seconds to load a model of some thousand weights
CONTEXT = 256  # tokens, the least that it takes


def write_gguf(path, network, tokenizer):
    """Write a ``LlamaForCausalLM`` and its byte-level tokenizer, in float32."""
    import gguf  # here, for the server needs none of it
    import numpy as np

    config, blocks = network.config, network.config.num_hidden_layers
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}
    file = gguf.GGUFWriter(path, "llama")
    file.add_context_length(config.max_position_embeddings)
    file.add_embedding_length(config.hidden_size)
    file.add_block_count(blocks)
    file.add_feed_forward_length(config.intermediate_size)
    file.add_head_count(config.num_attention_heads)
    file.add_head_count_kv(config.num_key_value_heads)
    file.add_layer_norm_rms_eps(config.rms_norm_eps)
    file.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    file.add_file_type(gguf.LlamaFileType.ALL_F32)
    described = json.loads(tokenizer.to_str())
    special = {added["id"] for added in described["added_tokens"]}
    vocabulary = sorted(tokenizer.get_vocab(with_added_tokens=True).items(), key=lambda pair: pair[1])
    file.add_tokenizer_model("gpt2")
    file.add_tokenizer_pre("gpt-2")
    file.add_token_list([token for token, _ in vocabulary])
    kinds = gguf.TokenType
    file.add_token_types([kinds.CONTROL if number in special else kinds.NORMAL for _, number in vocabulary])
    file.add_token_merges([" ".join(pair) for pair in described["model"]["merges"]])
    file.add_bos_token_id(config.bos_token_id)
    file.add_eos_token_id(config.eos_token_id)
    file.add_add_bos_token(True)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, blocks)
    for name, tensor in network.state_dict().items():
        array = tensor.float().numpy()
        for part, number in heads.items():
            if part in name:  # pairs that turn together stand side by side here, half a head apart there
                array = array.reshape(number, 2, -1, array.shape[1]).swapaxes(1, 2).reshape(array.shape)
        file.add_tensor(names.get_name(name, try_suffixes=(".weight",)), np.ascontiguousarray(array))
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


class LlamaServer:
    """Serves a GGUF file at ``url`` while its context is open."""

    def __init__(self, path, key=None):
        self.line = [sys.executable, __file__, str(path), *([key] if key else [])]

    def __enter__(self):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(self.line, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
        late = threading.Timer(DEADLINE, self.process.kill)
        late.start()
        try:
            lines = (line.strip() for line in self.process.stdout)
            self.url = next((line for line in lines if line.startswith("http://")), None)
        finally:
            late.cancel()
        if self.url is None:
            self.__exit__()
            raise RuntimeError(f"llama.cpp's server ended with status {self.process.returncode}, or took too long")
        return self

    def __exit__(self, *error):
        self.process.kill()
        self.process.communicate()


def serve(path, key=None):
    """Serve until standard input closes, on one core and in float32 throughout."""
    import xllamacpp

    settings = xllamacpp.CommonParams()
    settings.model.path, settings.port, settings.n_ctx, settings.n_parallel = path, 0, CONTEXT, 1
    settings.n_gpu_layers, settings.warmup, settings.n_threads_http = 0, False, 2
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
    settings.cache_type_k = settings.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    settings.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED  # it rounds to float16
    settings.api_keys = [key] if key else []
    server = xllamacpp.Server(settings)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve(*sys.argv[1:])
