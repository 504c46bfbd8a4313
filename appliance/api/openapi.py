"""The part of the OpenAPI document that FastAPI cannot derive: the streamed upload."""

from typing import Any, Final

_FORMATS: Final = {
    "application/json": {"schema": {"type": "object"}},
    "text/plain": {"schema": {"type": "string"}},
    "text/vtt": {"schema": {"type": "string"}},
}

TRANSCRIPTIONS: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "model"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "model": {"type": "string", "examples": ["whisper-1"]},
                        "language": {"type": "string", "examples": ["en"]},
                        "prompt": {"type": "string", "maxLength": 4000},
                        "response_format": {
                            "type": "string",
                            "enum": ["json", "verbose_json", "text", "srt", "vtt"],
                            "default": "json",
                        },
                        "temperature": {
                            "type": "number",
                            "minimum": 0,
                            "maximum": 1,
                        },
                        "timestamp_granularities[]": {
                            "type": "array",
                            "items": {"type": "string", "enum": ["word", "segment"]},
                        },
                    },
                }
            }
        },
    },
    "responses": {"200": {"description": "The transcript", "content": _FORMATS}},
}
