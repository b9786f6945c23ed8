import pytest
from ask import ask


@pytest.mark.parametrize("scenario", ["server-error", "rate-limited", "silence-after-headers", "slow-but-healthy"])
def test_expectations(chaosrun, scenario):
    lab = chaosrun(scenario, protocol="openai-chat")
    lab.saw(lambda: ask(lab.prompt, lab.env))
    lab.check()
