"""Bodies of replies in three wire formats, whole and in pieces."""

import orjson

PATHS = {b"/v1/chat/completions": "openai", b"/v1/messages": "anthropic", b"/api/chat": "ollama"}
KINDS = {"openai": b"text/event-stream", "anthropic": b"text/event-stream", "ollama": b"application/x-ndjson"}


def schema_of(request):
    """Return the JSON Schema that a request asks for, in whichever place its format has for it."""
    if request.get("response_format"):
        return request["response_format"].get("json_schema", {}).get("schema")
    if isinstance(request.get("format"), dict):
        return request["format"]
    if request.get("output_format"):
        return request["output_format"]["schema"]
    if request.get("output_config", {}).get("format"):
        return request["output_config"]["format"]["schema"]
    if request.get("tools"):
        return request["tools"][0].get("input_schema")
    return None


def sample(schema):
    """Return a value that fits a plain schema."""
    several = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if several:
        return sample(several[0])
    if "const" in schema or schema.get("enum"):
        return schema.get("const") or schema["enum"][0]
    kind = schema.get("type", "object")
    return SAMPLES[kind[0] if isinstance(kind, list) else kind](schema)


def _object(schema):
    return {name: sample(part) for name, part in schema.get("properties", {}).items()}


def _list(schema):
    items = schema.get("items", {})
    count = max(schema.get("minItems", 1), 1)
    if schema.get("uniqueItems") and items.get("enum"):
        return items["enum"][:count]
    return [sample(items) for _ in range(count)]


SAMPLES = {
    "object": _object,
    "array": _list,
    "string": lambda schema: "because it is checked against its source"[: schema.get("maxLength")],
    "integer": lambda schema: schema.get("minimum", 0),
    "number": lambda schema: schema.get("minimum", 0),
    "boolean": lambda schema: True,
    "null": lambda schema: None,
}


def whole(kind, model, text, asked, said, *, finish="stop", tool=None):
    """Return the body of a whole reply; `tool` wraps the text as the call of a tool, as Anthropic's JSON mode does."""
    if kind == "openai":
        message = {"role": "assistant", "content": text, "refusal": None}
        usage = {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
        head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000, "model": model}
        return orjson.dumps({**head, "choices": [choice], "usage": usage})
    if kind == "anthropic":
        content = {"type": "text", "text": text}
        if tool:
            content = {"type": "tool_use", "id": "toolu_1", "name": tool, "input": orjson.loads(text)}
        head = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "stop_sequence": None}
        usage = {"input_tokens": asked, "output_tokens": said}
        return orjson.dumps({**head, "content": [content], "stop_reason": _anthropic(finish, tool), "usage": usage})
    counts = {"prompt_eval_count": asked, "eval_count": said}
    head = {"model": model, "created_at": "2026-01-01T00:00:00Z", "done": True, "done_reason": finish}
    return orjson.dumps({**head, "message": {"role": "assistant", "content": text}, **counts})


def pieces(kind, model, text, asked, said, *, size=8, finish="stop", tool=None):
    """Return the pieces of a streamed reply, in order."""
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    return {"openai": _openai, "anthropic": _claude, "ollama": _ollama}[kind](model, parts, asked, said, finish, tool)


def _openai(model, parts, asked, said, finish, _):
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": model}
    deltas = [{"role": "assistant", "content": ""}, *({"content": part} for part in parts)]
    out = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    out.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    usage = {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}
    out.append({**head, "choices": [], "usage": usage})
    return [b"data: " + orjson.dumps(one) + b"\n\n" for one in out] + [b"data: [DONE]\n\n"]


def _claude(model, parts, asked, said, finish, tool):
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": []}
    message |= {"stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": asked, "output_tokens": 1}}
    block = {"type": "tool_use", "id": "toolu_1", "name": tool, "input": {}} if tool else {"type": "text", "text": ""}
    kind, field = ("input_json_delta", "partial_json") if tool else ("text_delta", "text")
    out = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "ping"},
        *({"type": "content_block_delta", "index": 0, "delta": {"type": kind, field: part}} for part in parts),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": _anthropic(finish, tool), "stop_sequence": None}},
        {"type": "message_stop"},
    ]
    out[-2]["usage"] = {"output_tokens": said}
    return [b"event: %s\ndata: %s\n\n" % (one["type"].encode(), orjson.dumps(one)) for one in out]


def _ollama(model, parts, asked, said, finish, _):
    head = {"model": model, "created_at": "2026-01-01T00:00:00Z"}
    out = [{**head, "message": {"role": "assistant", "content": part}, "done": False} for part in parts]
    last = {"done": True, "done_reason": finish, "prompt_eval_count": asked, "eval_count": said}
    out.append({**head, "message": {"role": "assistant", "content": ""}, **last})
    return [orjson.dumps(one) + b"\n" for one in out]


def _anthropic(finish, tool):
    if tool:
        return "tool_use"
    return {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}[finish]
