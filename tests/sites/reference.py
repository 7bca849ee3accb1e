"""Sites found slowly: a letter at a time, on a sequence and on its reverse complement."""

LETTERS_OF = {
    "A": "A",
    "C": "C",
    "G": "G",
    "T": "T",
    "R": "AG",
    "Y": "CT",
    "S": "CG",
    "W": "AT",
    "K": "GT",
    "M": "AC",
    "B": "CGT",
    "D": "AGT",
    "H": "ACT",
    "V": "ACG",
    "N": "ACGT",
}
_COMPLEMENT = str.maketrans("ACGTRYKMBVDHSWN", "TGCAYRMKVBHDSWN")


def reverse_complement(text):
    return text.translate(_COMPLEMENT)[::-1]


def find(sequence, layout, start=0, end=None):
    """Return the sites, and how many were too near an end and ambiguous.

    A site is (start, strand, cut, context), of a protospacer from start to end.
    """
    sequence = sequence.upper().replace("U", "T")
    end = len(sequence) if end is None else end
    sites, n_near_end, n_ambiguous = [], 0, 0
    for strand in (1, -1):
        text = sequence if strand > 0 else reverse_complement(sequence)
        for first in range(len(text) - layout.spacer_length + 1):
            last = first + layout.spacer_length
            context_start = first - layout.spacer.start
            context_stop = context_start + layout.length
            pam_start = context_start + layout.pam.start
            pam = text[max(pam_start, 0) : context_start + layout.pam.stop]
            if pam_start < 0 or not has_pam(pam, layout.pam_pattern):
                continue
            place = first if strand > 0 else len(text) - last
            if place < start or place + layout.spacer_length > end:
                continue
            cut = first + layout.cut if strand > 0 else len(text) - first - layout.cut
            context = text[max(context_start, 0) : context_stop]
            if context_start < 0 or context_stop > len(text):
                n_near_end += 1
            elif set(context) - set("ACGT"):
                n_ambiguous += 1
            else:
                sites.append((place, strand, cut, context))
    sites.sort(key=lambda site: (site[0], -site[1]))
    return sites, n_near_end, n_ambiguous


def has_pam(pam, pattern):
    return len(pam) == len(pattern) and all(
        letter in "ACGT" and letter in LETTERS_OF[symbol]
        for letter, symbol in zip(pam, pattern, strict=True)
    )
