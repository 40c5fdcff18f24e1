#!/usr/bin/env bash
# What a machine with one large GPU, no network and 15 minutes is used for. Prepared here, run there:
#
#   tools/device_kit.sh prepare PHOTOGRAPHS    here: .kit/ gets the Python packages that such a machine lacks, and the photographs
#   tools/device_kit.sh run                    there, in a copy of the repository with .kit/: under 10 minutes; results in $OUT
#   DEVICE=cpu MINUTES=1 tools/device_kit.sh run    anywhere, in miniature
#
# run does (a) parity and laws on the device in half precision, (b) `make cost` at SDXL's size, (c) the demo model's
# training, and leaves at most 8 files of under 16 MiB in $OUT. A part that fails or takes too long does not stop the next.
set -uo pipefail
cd "$(dirname "$0")/.."
KIT=.kit
PYTHON=${PYTHON:-python3}

prepare() {
    local photographs=${1:?the folder with the pictures of lomiri-wallpapers-16.04 and -20.04}
    mkdir -p $KIT/wheels $KIT/photographs
    # Of what the three parts import, the machine's image has all but these two (its list of packages was read).
    $PYTHON -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.12 -d $KIT/wheels \
        "diffusers==$(sed -n 's/^diffusers==\([0-9.]*\);.*>= "3.11".*/\1/p' .ci/constraints.txt)" importlib_metadata || return
    PYTHONPATH=tools $PYTHON -m demo_model.photographs "$photographs" $KIT/photographs || return
    du -sh $KIT
}

run() {
    local device=${DEVICE:-cuda} out=${OUT:-/tmp/device_kit}
    mkdir -p "$out"
    if compgen -G "$KIT/wheels/*.whl" >/dev/null && [ "$device" = cuda ]; then
        $PYTHON -m pip install --quiet --no-index --no-deps --no-compile --target /tmp/kit $KIT/wheels/*.whl
        export PYTHONPATH=/tmp/kit
    fi
    export PYTHONPATH="tests:tools${PYTHONPATH:+:$PYTHONPATH}" PYTHONUNBUFFERED=1 HF_HUB_OFFLINE=1
    {
        nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null
        $PYTHON -c 'import torch, diffusers, transformers; print(torch.__version__, diffusers.__version__, transformers.__version__)'
        date
        echo "== parity and laws"
        PIXELS_DEVICE=$device timeout "${TEST_SECONDS:-70}" $PYTHON -m pytest tests/diffusers_host/test_device.py -q --durations=5
        date
        echo "== cost"
        cost "$device" "$out"
        date
        echo "== training"
        train "$device" "${FOLDER:-/tmp/demo_model}"
        collect "${FOLDER:-/tmp/demo_model}" "$out"
        date
    } 2>&1 | tee "$out/device.log"
    ls -l "$out"
}

cost() {
    local size=(--model SDXL --size 1024 --steps 50 --rounds 3 --precision fp16)
    [ "$1" = cpu ] && size=(--model SD1.5 --size 64 --steps 4 --rounds 1 --precision bf16)
    timeout "${COST_SECONDS:-120}" $PYTHON -m cost --device "$1" "${size[@]}" --out "$2/cost"
}

train() {
    local chain=($PYTHON -m demo_model --out "$2" --photographs "$KIT/photographs" --device "$1")
    chain+=(--count "${COUNT:-20000}" --size "${SIZE:-256}" --no-measure --minutes)
    timeout "${TRAIN_SECONDS:-385}" "${chain[@]}" "${MINUTES:-5.2}"
    [ -d "$2/model" ] || "${chain[@]}" 0.001 # out of time: what there is of each stage makes a pipeline all the same
}

collect() { # the pipeline in two parts, since one would be too large, and the logs
    tar -cf "$2/unet.tar" -C "$1/model" unet
    tar -cf "$2/rest.tar" -C "$1/model" --exclude unet .
    (cd "$1" && tar -czf "$2/logs.tar.gz" ./*/log.csv)
}

case "${1:-}" in
    prepare) prepare "${2:-}" ;;
    run) run ;;
    *) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
