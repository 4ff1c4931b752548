"""A loaded model: what the engine, learning and tests talk to, the same for every family."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from models import memory
from models.chat_template import image_count, part_count, render, template_of
from models.errors import ModelError
from models.fetch import trust
from models.fetch.trust import STARTER_TYPE, Checked
from models.inputs import Inputs, fingerprint, ids_tensor, of_ids
from models.pictures.described_pictures import teller
from models.pictures.picture_budget import ORDINARY_PICTURE, picture_options
from models.reply_defaults import defaults_of

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image
    from transformers import PreTrainedModel

    from models.decoders.top_layers import TopLayers
    from models.decoders.weights import WeightSource
    from models.placement import Placement


SOUND_HZ = 16_000  # what families that hear expect
TOKENS_A_SOUND = 760  # of 30 seconds, the most that is taken in: 25 a second and what stands around them

# Beside the cache and an update: small models for pictures, buffers of one step, tables of the C library.
_SPARE_BYTES = 2_000_000_000


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
        placement: Placement,
        threads: int | None,
        progress: Callable[[str, float, float], None] | None = None,
    ) -> None:
        self.id = model_id
        self.name = name
        self.folder = checked.folder
        self.config = config
        self.tokenizer = tokenizer
        self.processor = processor
        self.device = placement.device
        self.placement = placement
        self.teller = None if checked.can_see else teller()  # of pictures, for a model without an encoder
        self.can_see = checked.can_see or self.teller is not None
        self.can_hear = checked.can_hear
        self.load_s = 0.0
        self._checked = checked
        self._module: PreTrainedModel | None = None
        self._merger: Any = None  # sees for a fast decoder
        self._added_by_picture: int | None = None
        text = config.get_text_config(decoder=True)
        self.context_length = int(
            getattr(text, "max_position_embeddings", 0) or getattr(text, "n_positions", 2048)
        )
        self.picture_detail = "fast" if placement.device == "cpu" else "detailed"
        self.eos_ids = self._eos_ids()
        self.defaults = defaults_of(model_id, checked.model_type, checked.folder)
        ids = (getattr(config, name, None) for name in ("image_token_id", "image_token_index"))
        self.image_token_id: int | None = next((id for id in ids if isinstance(id, int)), None)
        self.decoder, self.quantization = self._make_decoder(threads, progress)
        # A tokenizer may know an end that the model has no row for.
        self.eos_ids = tuple(id for id in self.eos_ids if id < self.decoder.vocab_size)
        self.parameters = trust.count_parameters(checked)
        self.context_note = self._fit_context()

    def _fit_context(self) -> str:
        """Shorten the context to what memory allows, now that the weights are there; what to tell the user of it."""
        whole = self.context_length
        if self.device == "cpu":
            each = memory.cache_bytes_a_token(self.config)
            self.context_length = memory.affordable_context(whole, each, memory.available_bytes())
        return memory.context_note(self.context_length, whole)

    def _make_decoder(
        self, threads: int | None, progress: Callable[[str, float, float], None] | None
    ) -> tuple[Any, str]:
        """The fast decoder for families it knows, else transformers itself; and the quantisation in use."""
        import torch

        from models.decoders import decoder

        kind = self.placement.kind
        if not self.placement.spread:
            fast = decoder.build(
                self.folder, self.config, kind, threads, device=self.device, progress=progress
            )
            if fast is not None:
                if self._checked.can_see and self.config.model_type != STARTER_TYPE:
                    from models.pictures.image_embedding import Merger

                    self._merger = Merger(self.folder, self.config, self.device)
                return fast, getattr(fast, "quantization", kind)
        from models.decoders.transformers_decoder import TransformersDecoder

        dtype = torch.float32 if kind == "auto" else getattr(torch, kind)
        module = self._module = self._load_module(dtype)
        vocab = self.config.get_text_config(decoder=True).vocab_size
        made = TransformersDecoder(module, vocab, self.context_length, self.device)
        return made, str(dtype).removeprefix("torch.")

    def _load_module(self, dtype: Any) -> PreTrainedModel:
        if self._checked.gguf:
            from models.gguf.module import module_of

            return module_of(self.folder, dtype, self.device)
        from transformers import AutoModelForCausalLM, AutoModelForImageTextToText

        factory = AutoModelForImageTextToText if self._checked.can_see else AutoModelForCausalLM
        place: dict[str, Any] = {"device_map": {"": self.device}}
        if self.placement.spread:
            place = {"device_map": "auto", "max_memory": dict(self.placement.max_memory)}
            if self.placement.offload is not None:
                self.placement.offload.mkdir(mode=0o700, parents=True, exist_ok=True)
                place["offload_folder"] = str(self.placement.offload)
        module = factory.from_pretrained(
            str(self.folder),
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            attn_implementation=_attention(self.config),
            dtype=dtype,
            **place,
        )
        if self._checked.model_type == "gpt2":
            from models.gpt2 import with_linear_layers

            with_linear_layers(module)
        return module.eval().requires_grad_(False)

    def module(self) -> PreTrainedModel:
        """The whole transformers model, base weights, for learning; float32 on a CPU. Built when first asked.

        Raises ModelError when there is no room for it.
        """
        import torch

        if self.placement.spread:
            raise ModelError(
                f"{self.name} lies only in part where it works, so it cannot learn a style on this machine."
            )
        if self._module is None:
            self._room_to_learn(None)
            self._module = self._load_module(torch.float32 if self.device == "cpu" else torch.bfloat16)
        elif getattr(self.decoder, "model", None) is self._module:
            self.decoder.set_style(None)  # the decoder shares this module; learning starts from the base
        return self._module

    @property
    def learns_on_top(self) -> bool:
        """Whether its decoder runs the frozen layers while it learns: only ``top_layers`` are built then."""
        return not self.placement.spread and hasattr(self.decoder, "lower")

    @contextmanager
    def weights(self) -> Iterator[WeightSource]:
        """The language model's weights, matrix by matrix, as the fast decoder has read them."""
        from models.decoders.decoder import open_weights

        with open_weights(self.folder, self.decoder.config) as source:
            if source is None:
                raise ModelError(f"The weights of {self.name} are gone.")
            yield source

    def top_layers(self, source: WeightSource, count: int, path: str) -> TopLayers:
        """The ``count`` last layers in torch, for learning; float32 on a CPU. ``path``: what transformers calls the layers.

        Raises ModelError when there is no room for them.
        """
        import torch

        from models.decoders.top_layers import TopLayers

        self._room_to_learn(count)
        dtype = torch.float32 if self.device == "cpu" else torch.bfloat16
        sight = getattr(self.decoder, "sight", None)
        return TopLayers(
            self.decoder.config, source, count, path, sight=sight, device=self.device, dtype=dtype
        )

    @property
    def layers_path(self) -> str:
        """Where transformers has the language model's layers; empty: only the model itself (``empty_module``) can tell."""
        return "" if self._checked.can_see or self.can_hear else "model.layers"

    def empty_module(self) -> PreTrainedModel:
        """The whole transformers model without any weights."""
        import torch
        from transformers import AutoModelForImageTextToText

        with torch.device("meta"):
            made: PreTrainedModel = AutoModelForImageTextToText.from_config(self.config)
        return made

    def import_module_class(self) -> None:
        """Import what ``module()`` is made of: a second or two the first time. A thread of its own may do it beside a
        reply, since no weight and no setting of torch is touched."""
        import transformers
        from transformers.models.auto import modeling_auto

        if self.config.model_type == STARTER_TYPE:
            import models.starter.model  # noqa: F401
        for names in (
            modeling_auto.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES,
            modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
        ):
            if self.config.model_type in names:
                getattr(transformers, names[self.config.model_type], None)

    def release_module(self) -> None:
        """Free what ``module()`` built, unless the decoder itself runs on it."""
        if getattr(self.decoder, "model", None) is not self._module:
            self._module = None

    def working_bytes(self) -> int:
        """Memory that work with this model may take beside its weights: a full cache as it grows (see
        ``models.memory``), an update, pictures and their small models. On a processor.
        """
        from models import placement

        cache = memory.cache_bytes_a_token(self.config) * self.context_length
        learning = placement.size_of(self._checked, self.config).learning_bytes()
        return int(2.5 * cache) + learning + _SPARE_BYTES

    def _room_to_learn(self, top: int | None) -> None:
        """``top``: layers that are built for it; None: the whole model."""
        from models import placement

        free = placement.free_bytes()
        if top is None:
            need = placement.size_of(self._checked, self.config).learning_bytes()
        else:
            need = placement.learning_bytes(self.decoder.config, top)
        if self.device == "cpu" and free is not None and need > free * placement.HEADROOM:
            raise ModelError(
                f"Learning with {self.name} needs about {need / 1e9:.1f} GB of memory, {free / 1e9:.1f} GB are free."
            )

    @property
    def sees_in_words(self) -> bool:
        """Is it told of pictures, instead of seeing them with an encoder of its own?"""
        return self.teller is not None

    @property
    def embeds_pictures(self) -> bool:
        """Do pictures or sounds enter it as more than token ids?"""
        told = self.teller is not None and self.teller.form == "words"
        return (self.can_see and not told) or self.can_hear

    def prepare(
        self,
        messages: list[dict[str, Any]],
        images: Sequence[Image] = (),
        sounds: Sequence[np.ndarray] = (),
        sent: Sequence[int] = (),
    ) -> Inputs:
        """Messages (chat format; a content is text or a list of text, image and audio parts) as one prompt.

        ``sounds`` are float32 at ``SOUND_HZ``, one channel, (samples,). Uses the model's own chat template with the
        reply's beginning added. Text that looks like one of the tokenizer's control tokens is defused: what a person
        or a file says is never an instruction to the template. ``sent``: the token ids that this prompt once
        had; they are used again, with the pictures, where they have as many places for them. Raises ModelError when
        the model cannot see or hear and was asked to, or numbers don't match.
        """
        if image_count(messages) != len(images):
            raise ModelError(f"The prompt has {image_count(messages)} pictures, {len(images)} were given.")
        if images and not self.can_see:
            raise ModelError(f"{self.name} cannot see pictures; choose a model that can.")
        if part_count(messages, "audio") != len(sounds):
            raise ModelError(
                f"The prompt has {part_count(messages, 'audio')} sounds, {len(sounds)} were given."
            )
        if sounds and not self.can_hear:
            raise ModelError(f"{self.name} cannot hear; choose a model that can.")
        if self.teller is not None and images:
            return self.teller.inputs(self, messages, images)
        text = self.render(messages)
        if sounds:
            return self._prepare_sounds(text, images, sounds)
        if not images:
            return of_ids(self.tokenize(text))
        return self._prepare_images(text, images, sent)

    def _prepare_sounds(self, text: str, images: Sequence[Image], sounds: Sequence[np.ndarray]) -> Inputs:
        batch = dict(self._process(text, images, sounds))
        ids = batch.pop("input_ids")
        batch.pop("attention_mask", None)
        heard = hashlib.sha256(b"".join(sound.tobytes() for sound in sounds)).hexdigest()
        seen = hashlib.sha256(b"".join(fingerprint(image).encode() for image in images)).hexdigest()
        digests = {self.image_token_id: seen, getattr(self.config, "audio_token_id", None): heard}
        keys = ((digests[id], at) if id in digests else id for at, id in enumerate(ids[0].tolist()))
        return Inputs(ids=ids, keys=tuple(keys), extra=batch)

    def _prepare_images(self, text: str, images: Sequence[Image], sent: Sequence[int] = ()) -> Inputs:
        batch = dict(self._process(text, images))
        ids = batch.pop("input_ids")
        batch.pop("attention_mask", None)
        digest = hashlib.sha256(b"".join(fingerprint(image).encode() for image in images)).hexdigest()
        embeds = None
        if self._merger is not None:
            embeds = self._merger.merge(ids, batch, self.image_token_id, digest)
            if sent and sum(id == self.image_token_id for id in sent) == int(
                (ids == self.image_token_id).sum()
            ):
                ids = ids_tensor(sent)
                embeds = self._merger.merge(ids, batch, self.image_token_id, digest)
        keys: list[Any] = []
        for index, token in enumerate(ids[0].tolist()):
            keys.append((digest, index) if token == self.image_token_id else token)
        if embeds is None:
            return Inputs(ids=ids, keys=tuple(keys), extra=batch)
        return Inputs(ids=ids, keys=tuple(keys), embeds=embeds)

    def _process(self, text: str, images: Sequence[Image], sounds: Sequence[np.ndarray] = ()) -> Any:
        """The processor's tensors for one prompt: token ids with all places, pixels, spectra and what belongs to them."""
        given: dict[str, Any] = {"text": [text], "return_tensors": "pt", "add_special_tokens": False}
        if images:
            given |= {"images": [list(images)], **picture_options(self.processor, self.picture_detail)}
        if sounds:
            given |= {"audio": list(sounds), "sampling_rate": SOUND_HZ}
        return self.processor(**given)

    def render(self, messages: list[dict[str, Any]]) -> str:
        """The prompt's text by the model's chat template, under its usual system prompt if ``messages`` bring none.

        Raises ModelRefused for a template that fails.
        """
        template = template_of(self.processor, self.tokenizer)
        messages = self._with_system_prompt(messages)
        return render(template, self.tokenizer, messages, self._checked.can_see or self.can_hear)

    def _with_system_prompt(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The messages under the model's usual system prompt, unless they bring one or the model has none."""
        if self.defaults.system_prompt and messages and messages[0]["role"] != "system":
            return [{"role": "system", "content": self.defaults.system_prompt}, *messages]
        return messages

    def count_tokens(self, messages: list[dict[str, Any]], n_images: int | None = None) -> int:
        """Length of the prompt in tokens without looking at a picture (an estimate for families that tile)."""
        pictures = image_count(messages) if n_images is None else n_images
        if self.teller is not None and pictures:
            return len(self.tokenize(self.render(self.teller.longest(messages))))
        tokens = len(self.tokenize(self.render(messages))) + part_count(messages, "audio") * TOKENS_A_SOUND
        return tokens + pictures * self._tokens_a_picture_adds() if pictures else tokens

    def _tokens_a_picture_adds(self) -> int:
        """How much longer the prompt is than the rendered text for each picture: tried once, with a blank photo."""
        if self._added_by_picture is None:
            import PIL.Image

            content = [{"type": "image"}, {"type": "text", "text": "?"}]
            text = self.render([{"role": "user", "content": content}])
            whole = self._process(text, [PIL.Image.new("RGB", ORDINARY_PICTURE)])["input_ids"]
            self._added_by_picture = max(0, int(whole.shape[-1]) - len(self.tokenize(text)))
        return self._added_by_picture

    def classify(self, image: Image) -> tuple[tuple[str, float], ...] | None:
        """What perception recognises, best first; None for models that see with an encoder of their own."""
        return None if self.teller is None else self.teller.eyes.look(image).recognised

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
            "context_note": self.context_note,
        }

    def tokenize(self, text: str) -> list[int]:
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


def _attention(config: Any) -> Any:
    """sdpa; plain attention for audio encoders, which have nothing else."""
    if getattr(config, "audio_config", None) is None:
        return "sdpa"
    return {"": "sdpa", "audio_config": "eager"}
