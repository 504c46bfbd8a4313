"""The demo speech model: for commissioning, self-tests and CI, not for production.

It knows the 66 words of `vocabulary.WORDS`, spoken by espeak-ng. `weights/` is a
CTranslate2 directory that faster-whisper loads without network; the rest of the
package made it and measures it. Training and export need torch, nothing else here
does, and no part of the appliance imports it.
"""
