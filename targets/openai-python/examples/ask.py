"""Asks the primary, and on any exception the secondary: chaosrun exec heartbeat-only --protocol openai-chat -- python ask.py"""
import os
from openai import OpenAI

for name in ("PRIMARY", "SECONDARY"):
    try:
        client = OpenAI(base_url=os.environ[name + "_BASE_URL"], api_key=os.environ[name + "_API_KEY"], timeout=30)
        question = [{"role": "user", "content": "say hello"}]
        for chunk in client.chat.completions.create(model="gpt-4o", messages=question, stream=True):
            print(chunk.choices[0].delta.content or "", end="", flush=True)
        break
    except Exception as error:
        print(f"{name} failed: {error}")
