"""There is no device whose memory could be low."""


def send_everything_to_cpu() -> None:
    pass
