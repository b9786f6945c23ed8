from ask import ask


def test_falls_back(chaosrun):
    lab = chaosrun("heartbeat-only", protocol="openai-chat", within=30)
    lab.saw(lambda: ask(lab.prompt, lab.env))
    lab.assert_fell_back()
