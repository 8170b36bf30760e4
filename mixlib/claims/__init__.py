"""Claims and their verdicts: what somebody claims, the evidence for it, and the word that follows from it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "evidence": ["fill", "format_number", "readable"],
        "registry": ["FIELDS", "VERDICTS", "WORDS", "fingerprint", "load_registry", "use_registry"],
        "verdicts": [
            "MIME",
            "PENDING",
            "SHOW_FLIPS",
            "UNVERIFIED",
            "Verdict",
            "VerdictError",
            "decide",
            "verified",
            "verify",
        ],
    },
)
