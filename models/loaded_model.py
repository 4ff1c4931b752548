"""A loaded model: what the engine, learning and tests talk to, the same for every family."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from models import trust
from models.chat_template import image_count, render
from models.errors import ModelError
from models.inputs import Inputs
from models.trust import STARTER_TYPE, Checked

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor
    from transformers import PreTrainedModel


class LoadedModel:
    """A model that can be talked to: tokenizer, processor, decoder, and the facts the front shows."""

    def __init__(
        self,
        checked: Checked,
        model_id: str,
        name: str,
        config: Any,
        tokenizer: Any,
        processor: Any,
        quantization: str,
        device: str,
        threads: int | None,
    ) -> None:
        self.id = model_id
        self.name = name
        self.folder = checked.folder
        self.config = config
        self.tokenizer = tokenizer
        self.processor = processor
        self.device = device
        self.can_see = checked.can_see
        self.can_hear = checked.can_hear
        self.load_s = 0.0
        self._checked = checked
        self._module: PreTrainedModel | None = None
        text = config.get_text_config(decoder=True)
        self.context_length = int(
            getattr(text, "max_position_embeddings", 0) or getattr(text, "n_positions", 2048)
        )
        self.eos_ids = self._eos_ids()
        self.image_token_id: int | None = getattr(config, "image_token_id", None)
        self.decoder, self.quantization = self._make_decoder(quantization, threads)
        self.parameters = trust.count_parameters(checked)

    def _make_decoder(self, quantization: str, threads: int | None) -> tuple[Any, str]:
        """The fast decoder for families it knows, else transformers itself; and the quantisation in use."""
        import torch

        if not self.can_see or self.config.model_type == STARTER_TYPE:
            fast = self._fast_decoder(quantization, threads)
            if fast is not None:
                return fast, getattr(fast, "quantization", quantization)
        from models.transformers_decoder import TransformersDecoder

        dtype = torch.bfloat16 if self.device != "cpu" or quantization == "bfloat16" else torch.float32
        module = self._load_module(dtype)
        self._module = module
        vocab = self.config.get_text_config(decoder=True).vocab_size
        return TransformersDecoder(module, vocab, self.context_length), str(dtype).removeprefix("torch.")

    def _fast_decoder(self, quantization: str, threads: int | None) -> Any:
        import importlib.util

        if importlib.util.find_spec("models.decoder") is None:
            return None
        decoder = importlib.import_module("models.decoder")
        return decoder.build(self.folder, self.config, quantization, threads)

    def _load_module(self, dtype: Any) -> PreTrainedModel:
        from transformers import AutoModelForCausalLM, AutoModelForImageTextToText

        factory = AutoModelForImageTextToText if self.can_see else AutoModelForCausalLM
        module = factory.from_pretrained(
            str(self.folder),
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            attn_implementation="sdpa",
            dtype=dtype,
        )
        module.to(self.device)  # type: ignore[arg-type]
        return module.eval().requires_grad_(False)

    def module(self) -> PreTrainedModel:
        """The whole transformers model, base weights, for learning; float32 on a CPU. Built when first asked."""
        import torch

        if self._module is None:
            self._module = self._load_module(torch.float32 if self.device == "cpu" else torch.bfloat16)
        elif getattr(self.decoder, "model", None) is self._module:
            self.decoder.set_style(None)  # the decoder shares this module; learning starts from the base
        return self._module

    def release_module(self) -> None:
        """Free what ``module()`` built, unless the decoder itself runs on it."""
        if getattr(self.decoder, "model", None) is not self._module:
            self._module = None

    def prepare(self, messages: list[dict[str, Any]], images: Sequence[Image] = ()) -> Inputs:
        """Messages (chat format; a content is text or a list of text and image parts) as one prompt.

        Uses the model's own chat template with the reply's beginning added. Text that looks like one of the
        tokenizer's control tokens is defused: what a person or a file says is never an instruction to the
        template. Raises ModelError when the model cannot see and pictures were given, or numbers don't
        match.
        """
        if image_count(messages) != len(images):
            raise ModelError(f"The prompt has {image_count(messages)} pictures, {len(images)} were given.")
        if images and not self.can_see:
            raise ModelError(f"{self.name} cannot see pictures; choose a model that can.")
        text = self.render(messages)
        if not images:
            ids = self._tokenize(text)
            return Inputs(ids=ids_tensor(ids), keys=tuple(ids))
        return self._prepare_images(text, images)

    def _prepare_images(self, text: str, images: Sequence[Image]) -> Inputs:
        batch = dict(self.processor(text=[text], images=list(images), return_tensors="pt"))
        ids = batch.pop("input_ids")
        batch.pop("attention_mask", None)
        keys: list[Any] = []
        digest = hashlib.sha256(b"".join(fingerprint(image).encode() for image in images)).hexdigest()
        for index, token in enumerate(ids[0].tolist()):
            keys.append((digest, index) if token == self.image_token_id else token)
        return Inputs(ids=ids, keys=tuple(keys), extra=batch)

    def render(self, messages: list[dict[str, Any]]) -> str:
        """The prompt's text by the model's chat template. Raises ModelRefused for a template that fails."""
        return render(
            self.processor if self.can_see else self.tokenizer, self.tokenizer, messages, self.can_see
        )

    def count_tokens(self, messages: list[dict[str, Any]], n_images: int | None = None) -> int:
        """Length of the prompt in tokens without looking at a picture (an estimate for families that tile)."""
        pictures = image_count(messages) if n_images is None else n_images
        return len(self._tokenize(self.render(messages))) + pictures * (self.tokens_per_image() - 1)

    def tokens_per_image(self) -> int:
        """Tokens that one picture takes; for families that tile, of a picture of ordinary size."""
        for source in (self.processor, self.config):
            for attribute in ("num_image_tokens", "image_seq_length", "image_seq_len", "mm_tokens_per_image"):
                value = getattr(source, attribute, None)
                if isinstance(value, int) and value > 0:
                    return value
        return 576

    def classify(self, image: Image) -> tuple[tuple[str, float], ...] | None:
        """What a model with a classifier of its own recognises; None for those that have none."""
        return None

    def info(self) -> dict[str, Any]:
        """The fields of the engine protocol's ModelInfo."""
        return {
            "id": self.id,
            "name": self.name,
            "parameters": self.parameters,
            "quantization": self.quantization,
            "device": self.device,
            "context_length": self.context_length,
            "can_see": self.can_see,
            "can_hear": self.can_hear,
            "decoder": self.decoder.name,
            "load_s": round(self.load_s, 3),
        }

    def _tokenize(self, text: str) -> list[int]:
        ids = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return list(ids)

    def _eos_ids(self) -> tuple[int, ...]:
        """Every id that ends a reply: the tokenizer's, the generation config's and the usual end-of-turn tokens."""
        from transformers import GenerationConfig

        found: set[int] = set()
        if (self.folder / "generation_config.json").is_file():
            eos = GenerationConfig.from_pretrained(str(self.folder), local_files_only=True).eos_token_id
            found.update([eos] if isinstance(eos, int) else eos or [])
        if self.tokenizer.eos_token_id is not None:
            found.add(int(self.tokenizer.eos_token_id))
        vocabulary = self.tokenizer.get_added_vocab()
        for token in ("<|im_end|>", "<end_of_turn>", "<|eot_id|>", "<|endoftext|>", "<end_of_utterance>"):
            if token in vocabulary:
                found.add(vocabulary[token])
        return tuple(sorted(found))


def fingerprint(image: Image) -> str:
    """SHA-256 of a picture's mode, size and pixels."""
    digest = hashlib.sha256(f"{image.mode} {image.width} {image.height} ".encode())
    digest.update(image.tobytes())
    return digest.hexdigest()


def ids_tensor(ids: Sequence[int]) -> Tensor:
    """Token ids as (1, n) int64."""
    import torch

    return torch.tensor([list(ids)], dtype=torch.long)
