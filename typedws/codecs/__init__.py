"""
Codecs: from the payload of a message to a value of a type, and back.

`codec` says what a codec is. `json` and `msgpack` have the two that come with typedws;
`pydantic` has one on pydantic, and is imported by nothing here.
"""
