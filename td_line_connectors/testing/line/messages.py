"""What do people send to an account?"""

import base64
from collections.abc import Callable, Mapping
from random import Random
from typing import Final

__all__ = ["MESSAGE_TYPES", "edited_message", "message", "message_id", "text_message"]

Content = dict[str, object]

TEXTS: Final = (
    "你好，請問門市幾點開？",
    "こんにちは、みなさん",
    "สวัสดีค่ะ สินค้าหมดหรือยังคะ",
    "Is the spring sale on? 🌸",
    "謝謝 🙏🤨",
    'line one\nline two\t"quoted" back\\slash / <b>&amp;</b>',
    "👨\u200d👩\u200d👧 ✋ e\u0301",
)
STICKERS: Final = ("STATIC", "ANIMATION", "SOUND", "ANIMATION_SOUND", "POPUP", "CUSTOM", "MESSAGE")


def message(random: Random) -> Content:
    """Make the content of a message, of any of the `MESSAGE_TYPES`."""
    return MESSAGE_TYPES[random.choice(sorted(MESSAGE_TYPES))](random)


def text_message(random: Random, text: str | None = None) -> Content:
    """Make a text message.

    Args:
        random: the source of chance.
        text: what it says; one of a few texts where None.
    """
    content = {**_begun("text", random), **_tokens(random), "text": random.choice(TEXTS) if text is None else text}
    if text is None and random.random() < 0.2:
        content["text"] = "@All (moon) hello"
        content["emojis"] = [{"index": 5, "length": 6, "productId": "5ac1bfd5040ab15980c9b435", "emojiId": "002"}]
        content["mention"] = {"mentionees": [{"index": 0, "length": 4, "type": "all"}]}
    if random.random() < 0.1:
        content["quotedMessageId"] = message_id(random)
    return content


def edited_message(random: Random, earlier: str | None = None) -> Content:
    """Make the content of `messageEdited`: a text under an earlier message's id, with a token of its own."""
    content = text_message(random)
    del content["markAsReadToken"]
    return {**content, "id": earlier or content["id"]}


def message_id(random: Random) -> str:
    """Make a message's id: 18 digits, more than a JSON number of JavaScript can hold."""
    return str(random.randrange(10**17, 10**18))


def _image(random: Random) -> Content:
    content = {**_begun("image", random), **_tokens(random), "contentProvider": _provider(random, "jpg", preview=True)}
    if random.random() < 0.5:
        content["imageSet"] = {"id": f"{random.getrandbits(160):040X}", "index": 1, "total": 2}
    return content


def _video(random: Random) -> Content:
    content = {**_begun("video", random), **_tokens(random), "contentProvider": _provider(random, "mp4", preview=True)}
    return {**content, "duration": random.randrange(1_000, 60_000)} if random.random() < 0.8 else content


def _audio(random: Random) -> Content:
    provider = _provider(random, "m4a", preview=False)
    tokens = {"markAsReadToken": _token(random, 150)}
    return {**_begun("audio", random), **tokens, "duration": 60_000, "contentProvider": provider}


def _file(random: Random) -> Content:
    size = random.choice((2_138, 5_000_000_000))
    return {
        **_begun("file", random),
        "markAsReadToken": _token(random, 150),
        "fileName": "請求書 2026.pdf",
        "fileSize": size,
    }


def _location(random: Random) -> Content:
    place = {"title": "my location", "address": "東京都千代田区紀尾井町1-3"} if random.random() < 0.7 else {}
    latitude, longitude = round(random.uniform(5, 45), 14), round(random.uniform(95, 145), 12)
    return {
        **_begun("location", random),
        "markAsReadToken": _token(random, 150),
        **place,
        "latitude": latitude,
        "longitude": longitude,
    }


def _sticker(random: Random) -> Content:
    kind = random.choice(STICKERS)
    content = {**_begun("sticker", random), **_tokens(random), "packageId": "446", "stickerId": "1988"}
    content |= {"stickerResourceType": kind, "keywords": ["cony", "sally", "hi"][: random.randint(1, 3)]}
    return {**content, "text": "お疲れさま"} if kind == "MESSAGE" else content


MESSAGE_TYPES: Final[Mapping[str, Callable[[Random], Content]]] = {
    "audio": _audio,
    "file": _file,
    "image": _image,
    "location": _location,
    "sticker": _sticker,
    "text": text_message,
    "video": _video,
}


def _begun(kind: str, random: Random) -> Content:
    return {"type": kind, "id": message_id(random)}


def _tokens(random: Random) -> Content:
    return {"quoteToken": _token(random, 114), "markAsReadToken": _token(random, 150)}


def _token(random: Random, size: int) -> str:
    return base64.urlsafe_b64encode(random.randbytes(size)).decode()


def _provider(random: Random, ending: str, *, preview: bool) -> Content:
    if random.random() < 0.7:
        return {"type": "line"}
    external: Content = {"type": "external", "originalContentUrl": f"https://example.com/original.{ending}"}
    return {**external, "previewImageUrl": "https://example.com/preview.jpg"} if preview else external
