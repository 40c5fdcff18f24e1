"""A tiny model with random weights of every family: the real classes of diffusers and transformers, made in a moment.

Images of 64 px have latents of 8 x 8. Weights are drawn wide enough that a model has something to say; with those
that a constructor leaves, half of these models return almost nothing, and a test could not fail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import diffusers
import torch
import transformers
from diffusers import (
    AutoencoderKL,
    DDPMScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    UNet2DConditionModel,
)
from helpers.tiny_sd1 import SD1_SCHEDULER, random_pipeline
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from pixels_ext import demo

WIDTH = 32
"""Of every text encoder's hidden state."""


def random(module: nn.Module, seed: int, spread: float = 0.08) -> Any:
    """`module` with every weight drawn anew, and no module without an effect."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            draw = torch.randn(parameter.shape, generator=generator) * spread
            parameter.copy_(draw + (1.0 if parameter.ndim == 1 and bool((parameter == 1).all()) else 0.0))
    return module.eval()


def clip_tokenizer() -> CLIPTokenizer:
    return CLIPTokenizer.from_pretrained(demo.MODEL / "tokenizer")


def clip_text(tokenizer: CLIPTokenizer, seed: int, *, projected: bool, width: int = WIDTH) -> Any:
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        projection_dim=WIDTH,
        hidden_act="gelu",
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id,
    )
    return random((CLIPTextModelWithProjection if projected else CLIPTextModel)(config), seed)


WORDS = ("<pad>", "</s>", "<unk>", "<|im_start|>", "<|im_end|>", "snow", "forest", "system", "user", "assistant", "a")


def word_tokenizer(**options: Any) -> Any:
    """A tokenizer of a few words, as T5 and Qwen have them for many."""
    words = models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="<unk>")
    tokenizer = Tokenizer(words)
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", **options
    )


def t5(seed: int, width: int = WIDTH) -> tuple[Any, Any]:
    """Tokenizer and text encoder."""
    tokenizer = word_tokenizer()
    config = transformers.T5Config(
        vocab_size=len(tokenizer), d_model=width, d_kv=8, d_ff=37, num_layers=1, num_heads=2, decoder_start_token_id=0
    )
    return tokenizer, random(transformers.T5EncoderModel(config), seed)


def vae(seed: int, channels: int = 4, **options: Any) -> AutoencoderKL:
    made = AutoencoderKL(
        block_out_channels=(32, 32, 32, 32),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=channels,
        sample_size=64,
        **options,
    )
    return random(made, seed)


def quiet(pipeline: Any) -> Any:
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def unet(seed: int, **options: Any) -> UNet2DConditionModel:
    settings = {
        "sample_size": 8,
        "block_out_channels": (32, 64),
        "layers_per_block": 1,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
        "cross_attention_dim": WIDTH,
        "attention_head_dim": (2, 4),
        "use_linear_projection": True,
    }
    return random(UNet2DConditionModel(**(settings | options)), seed)


def sd21(prediction: str, channels: int = 4) -> Any:
    """Stable Diffusion 2.1: linear projections, heads by block, and one of the two predictions. `channels`: of a
    latent."""
    pipeline = random_pipeline()
    tokenizer = pipeline.tokenizer
    return quiet(
        diffusers.StableDiffusionImg2ImgPipeline(
            vae=pipeline.vae if channels == 4 else vae(1, channels),
            text_encoder=clip_text(tokenizer, 3, projected=False),
            tokenizer=tokenizer,
            unet=unet(4, in_channels=channels, out_channels=channels),
            scheduler=diffusers.DDIMScheduler(**(SD1_SCHEDULER | {"prediction_type": prediction})),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
    )


def sdxl(*, refiner: bool = False, channels: int = 4) -> Any:
    """SDXL: the base, or the refiner with one text encoder and the aesthetic score among its conditions. `channels`: of
    a latent.

    In a single file diffusers tells the text encoders apart by their width.
    """
    tokenizer = clip_tokenizer()
    numbers = 5 if refiner else 6
    added = {
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 8,
        "projection_class_embeddings_input_dim": WIDTH + 8 * numbers,
        "cross_attention_dim": WIDTH if refiner else WIDTH // 2 + WIDTH,
    }
    return quiet(
        diffusers.StableDiffusionXLImg2ImgPipeline(
            vae=vae(1, channels),
            text_encoder=None if refiner else clip_text(tokenizer, 2, projected=False, width=WIDTH // 2),
            text_encoder_2=clip_text(tokenizer, 3, projected=True),
            tokenizer=None if refiner else tokenizer,
            tokenizer_2=tokenizer,
            unet=unet(5 if refiner else 4, in_channels=channels, out_channels=channels, **added),
            scheduler=EulerDiscreteScheduler(
                beta_start=0.00085,
                beta_end=0.012,
                beta_schedule="scaled_linear",
                steps_offset=1,
                timestep_spacing="leading",
            ),
            requires_aesthetics_score=refiner,
            force_zeros_for_empty_prompt=not refiner,
            add_watermarker=False,
        )
    )


def kandinsky22() -> Any:
    """Kandinsky 2.2 as diffusers combines it: prior, decoder and MOVQ."""
    tokenizer = clip_tokenizer()
    vision = transformers.CLIPVisionConfig(
        hidden_size=WIDTH,
        projection_dim=WIDTH,
        intermediate_size=37,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=32,
        patch_size=16,
    )
    prior = diffusers.PriorTransformer(
        num_attention_heads=2,
        attention_head_dim=12,
        embedding_dim=WIDTH,
        num_layers=1,
        num_embeddings=77,
        additional_embeddings=4,
    )
    random(prior, 4)
    prior.clip_std = nn.Parameter(torch.ones(prior.clip_std.shape))  # or it would be scaled away
    decoder = UNet2DConditionModel(
        in_channels=4,
        out_channels=8,
        sample_size=8,
        addition_embed_type="image",
        down_block_types=("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"),
        up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        block_out_channels=(32, 64),
        layers_per_block=1,
        encoder_hid_dim=WIDTH,
        encoder_hid_dim_type="image_proj",
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
        resnet_time_scale_shift="scale_shift",
    )
    movq = diffusers.VQModel(
        block_out_channels=(32, 32, 32, 64),
        down_block_types=("DownEncoderBlock2D",) * 3 + ("AttnDownEncoderBlock2D",),
        up_block_types=("AttnUpDecoderBlock2D",) + ("UpDecoderBlock2D",) * 3,
        latent_channels=4,
        num_vq_embeddings=12,
        vq_embed_dim=4,
        norm_type="spatial",
    )
    pipeline = diffusers.KandinskyV22Img2ImgCombinedPipeline(
        unet=random(decoder, 5, 0.03),
        scheduler=DDPMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="linear", clip_sample=False),
        movq=random(movq, 6, 0.03),
        prior_prior=prior,
        prior_image_encoder=random(transformers.CLIPVisionModelWithProjection(vision), 2),
        prior_text_encoder=clip_text(tokenizer, 3, projected=True),
        prior_tokenizer=tokenizer,
        prior_scheduler=diffusers.UnCLIPScheduler(
            variance_type="fixed_small_log", prediction_type="sample", num_train_timesteps=1000, clip_sample_range=5.0
        ),
        prior_image_processor=transformers.CLIPImageProcessor(crop_size=32, size=32),
    )
    return quiet(pipeline)


def flow_scheduler(**options: Any) -> FlowMatchEulerDiscreteScheduler:
    return FlowMatchEulerDiscreteScheduler(shift=3.0, **options)


def sd3(*, long_text: bool = True) -> Any:
    """Stable Diffusion 3; without `long_text` as many use it, without the third text encoder."""
    tokenizer = clip_tokenizer()
    tokenizer_3, text_3 = t5(6, 2 * WIDTH)
    transformer = diffusers.SD3Transformer2DModel(
        sample_size=8,
        patch_size=2,
        in_channels=16,
        num_layers=2,
        attention_head_dim=8,
        num_attention_heads=4,
        joint_attention_dim=2 * WIDTH,
        caption_projection_dim=32,
        pooled_projection_dim=2 * WIDTH,
        out_channels=16,
        pos_embed_max_size=32,
    )
    return quiet(
        diffusers.StableDiffusion3Img2ImgPipeline(
            transformer=random(transformer, 1),
            scheduler=flow_scheduler(),
            vae=vae(2, 16, shift_factor=0.0609, scaling_factor=1.5305, use_quant_conv=False, use_post_quant_conv=False),
            text_encoder=clip_text(tokenizer, 3, projected=True),
            tokenizer=tokenizer,
            text_encoder_2=clip_text(tokenizer, 4, projected=True),
            tokenizer_2=tokenizer,
            text_encoder_3=text_3 if long_text else None,
            tokenizer_3=tokenizer_3 if long_text else None,
        )
    )


def flux(*, dev: bool = True) -> Any:
    """Flux.1: dev with its distilled guidance and its shift by size, or schnell."""
    tokenizer = clip_tokenizer()
    tokenizer_2, text_2 = t5(4)
    transformer = diffusers.FluxTransformer2DModel(
        patch_size=1,
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=WIDTH,
        pooled_projection_dim=WIDTH,
        axes_dims_rope=(4, 4, 8),
        guidance_embeds=dev,
    )
    return quiet(
        diffusers.FluxImg2ImgPipeline(
            transformer=random(transformer, 1),
            scheduler=flow_scheduler(use_dynamic_shifting=dev),
            vae=vae(2, 4, shift_factor=0.1159, scaling_factor=0.3611, use_quant_conv=False, use_post_quant_conv=False),
            text_encoder=clip_text(tokenizer, 3, projected=False),
            tokenizer=tokenizer,
            text_encoder_2=text_2,
            tokenizer_2=tokenizer_2,
        )
    )


def z_image() -> Any:
    """Z-Image, with a Qwen3 that reads."""
    tokenizer = word_tokenizer(
        chat_template="{% for message in messages %}<|im_start|> user {{ message.content }} <|im_end|> {% endfor %}"
    )
    config = transformers.Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=37,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=16,
        max_position_embeddings=1024,
    )
    transformer = diffusers.ZImageTransformer2DModel(
        all_patch_size=(2,),
        all_f_patch_size=(1,),
        in_channels=16,
        dim=32,
        n_layers=2,
        n_refiner_layers=1,
        n_heads=2,
        n_kv_heads=2,
        qk_norm=True,
        cap_feat_dim=WIDTH,
        rope_theta=256.0,
        t_scale=1000.0,
        axes_dims=[8, 4, 4],
        axes_lens=[1024, 64, 64],
    )
    return quiet(
        diffusers.ZImageImg2ImgPipeline(
            scheduler=flow_scheduler(),
            vae=vae(2, 16, shift_factor=0.1159, scaling_factor=0.3611, use_quant_conv=False, use_post_quant_conv=False),
            text_encoder=random(transformers.Qwen3Model(config), 3),
            tokenizer=tokenizer,
            transformer=random(transformer, 4),
        )
    )


def qwen_image() -> Any:
    """Qwen-Image, with a Qwen2.5-VL that only reads, and a film's autoencoder."""
    tokenizer = word_tokenizer()
    config = transformers.Qwen2_5_VLConfig(
        text_config={
            "hidden_size": WIDTH,
            "intermediate_size": 37,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "rope_scaling": {"mrope_section": [2, 3, 3], "rope_type": "default", "type": "default"},
            "rope_theta": 1000000.0,
            "vocab_size": len(tokenizer),
        },
        vision_config={
            "depth": 1,
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_heads": 2,
            "out_hidden_size": WIDTH,
        },
        hidden_size=WIDTH,
        vocab_size=len(tokenizer),
        bos_token_id=None,
        eos_token_id=1,
        vision_end_token_id=4,
        vision_start_token_id=3,
        vision_token_id=5,
        image_token_id=6,
        video_token_id=7,
    )
    transformer = diffusers.QwenImageTransformer2DModel(
        patch_size=2,
        in_channels=64,
        out_channels=16,
        num_layers=2,
        attention_head_dim=16,
        num_attention_heads=3,
        joint_attention_dim=WIDTH,
        guidance_embeds=False,
        axes_dims_rope=(8, 4, 4),
    )
    spread = torch.linspace(0.5, 1.5, 16).tolist()
    autoencoder = diffusers.AutoencoderKLQwenImage(
        base_dim=16,
        z_dim=16,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        temperal_downsample=[False, True, True],
        latents_mean=torch.linspace(-0.5, 0.5, 16).tolist(),
        latents_std=spread,
    )
    return quiet(
        diffusers.QwenImageImg2ImgPipeline(
            scheduler=flow_scheduler(use_dynamic_shifting=True),
            vae=random(autoencoder, 2, 0.2),
            text_encoder=random(transformers.Qwen2_5_VLForConditionalGeneration(config), 3),
            tokenizer=tokenizer,
            transformer=random(transformer, 4),
        )
    )


MODELS: dict[str, Callable[[], Any]] = {
    "SD 2.1, noise": lambda: sd21("epsilon"),
    "SD 2.1, velocity": lambda: sd21("v_prediction"),
    "SDXL base": sdxl,
    "SDXL refiner": lambda: sdxl(refiner=True),
    "Kandinsky 2.2": kandinsky22,
    "SD 3": sd3,
    "Flux.1 dev": flux,
    "Flux.1 schnell": lambda: flux(dev=False),
    "Qwen-Image": qwen_image,
    "Z-Image": z_image,
}
"""One model of each kind that the pages name, by its name."""
MORE_CHANNELS: dict[str, Callable[[], Any]] = {
    "SD 2.1, 16 channels": lambda: sd21("epsilon", 16),
    "SDXL base, 16 channels": lambda: sdxl(channels=16),
    "SDXL refiner, 16 channels": lambda: sdxl(refiner=True, channels=16),
}
"""Models whose latents diffusers takes for images, since they do not have four channels."""
