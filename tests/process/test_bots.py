# ruff: noqa: E501 - user agents are as long as they are
"""How many of the user agents that the list of bots names are found, and that people's are not."""

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from mindgap.process.bots import bot_agents

PEOPLE = """
Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36
Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0
Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0
Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36
Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/466.0.0]
Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [Pinterest/iOS]
Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 GSA/320.0 Mobile/15E148 Safari/604.1
Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/21A329 Instagram 302.0.0.23.114
Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/20A362 AliApp(TB/10.20.0)
Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari Line/14.8.0
Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 DuckDuckGo/7 Safari/605.1.15
Mozilla/5.0 (Linux; Android 13; V2148A; wv) AppleWebKit/537.36 Chrome/116.0 MicroMessenger/8.0.47 Language/zh_CN
Mozilla/5.0 (Linux; U; Android 12; zh-cn; MI 11) AppleWebKit/537.36 Chrome/89 MQQBrowser/13.5 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 12; HarmonyOS; NOH-AN00) AppleWebKit/537.36 HuaweiBrowser/14.0 Mobile Safari/537.36
Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/124 Mobile Safari/537.36 baiduboxapp/13.60
Mozilla/5.0 (Linux; Android 13; SM-S908B) AppleWebKit/537.36 SamsungBrowser/23.0 Chrome/115.0 Mobile Safari/537.36
Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80.0 Safari/537.36 SE 2.X MetaSr 1.0
Dalvik/2.1.0 (Linux; U; Android 13; Pixel 7 Build/TQ3A.230805.001)
okhttp/4.12.0
Shop/5.2 CFNetwork/1494.0.7 Darwin/23.4.0
""".strip().splitlines()


def is_bot(agent):
    return any(
        agent.startswith(row["needle"])
        if row["at_start"]
        else row["needle"] in (agent.lower() if row["any_case"] else agent)
        for row in bot_agents().to_pylist()
    )


def test_no_browser_or_app_of_people_is_a_bot():
    assert [agent for agent in PEOPLE if is_bot(agent)] == []


def test_nearly_every_bot_that_the_list_names_is_found():
    agents = [agent for entry in CRAWLER_USER_AGENTS_DATA for agent in entry["instances"]]
    found = [agent for agent in agents if is_bot(agent)]
    assert len(agents) > 2_000
    assert len(found) / len(agents) > 0.98
