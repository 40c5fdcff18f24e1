"""Take the two attention layers out of a trained autoencoder, which keeps the whole model under 15 MB.

    python -m pixels_ext.standalone.demo.training.strip --start DIR/vae_sharp --out DIR/vae_bare

Its decoder is then trained on by decoder.py, so that it fits again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from diffusers import AutoencoderKL


def stripped(model: AutoencoderKL) -> AutoencoderKL:
    """Return the autoencoder with the same weights and without attention in its middle blocks."""
    bare = AutoencoderKL.from_config(model.config, mid_block_add_attention=False)
    known = bare.state_dict().keys()
    bare.load_state_dict({name: weight for name, weight in model.state_dict().items() if name in known})
    return bare


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", type=Path, required=True, help="folder written by decoder.py")
    parser.add_argument("--out", type=Path, required=True, help="folder for the smaller autoencoder")
    arguments = parser.parse_args()
    stripped(AutoencoderKL.from_pretrained(arguments.start)).save_pretrained(arguments.out)


if __name__ == "__main__":
    main()
