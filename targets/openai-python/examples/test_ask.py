"""A suite of two tests: chaosrun exec heartbeat-only --protocol openai-chat -- pytest ."""
import os

from openai import OpenAI

NAMES = ("PRIMARY", "SECONDARY")


def ask(name):
    """The answer of one provider, which has 30 s for each piece of data."""
    client = OpenAI(base_url=os.environ[name + "_BASE_URL"], api_key=os.environ[name + "_API_KEY"], timeout=30)
    question = [{"role": "user", "content": "say hello"}]
    chunks = client.chat.completions.create(model="gpt-4o", messages=question, stream=True)
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_the_providers_are_not_the_same():
    assert len({os.environ[name + "_BASE_URL"] for name in NAMES}) == 2


def test_somebody_answers():
    errors = []
    for name in NAMES:
        try:
            assert ask(name)
            return
        except Exception as error:
            errors.append(f"{name} failed: {error}")
    raise AssertionError(errors)
