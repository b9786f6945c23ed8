"""A suite of two tests: chaosrun exec heartbeat-only --protocol openai-chat -- pytest ."""
import os

import pytest
from openai import OpenAI


def answer(name):
    """The answer of one provider, which has 30 s for each piece of data."""
    client = OpenAI(base_url=os.environ[name + "_BASE_URL"], api_key=os.environ[name + "_API_KEY"], timeout=30)
    question = [{"role": "user", "content": "say hello"}]
    chunks = client.chat.completions.create(model="gpt-4o", messages=question, stream=True)
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_the_secondary_answers():
    assert "secondary" in answer("SECONDARY")


def test_somebody_answers():
    for name in ("PRIMARY", "SECONDARY"):
        try:
            assert answer(name)
            return
        except Exception as error:
            print(f"{name} failed: {error}")
    pytest.fail("nobody answered")
