"""The words for what was refused: one sentence for each rule, that says what happened and what to do."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as __
from flask_babel import ngettext

from wiki import errors
from wiki.web import speech

KINDS = {
    "invalid": __("Something needs to be put right"),
    "missing": __("There is nothing here"),
    "unauthorised": __("Please sign in first"),
    "forbidden": __("You can't do this here"),
    "gone": __("This was taken away"),
    "held": __("This is held back"),
    "too-many": __("Too many times in a row"),
    "too-large": __("This is too large"),
    "busy": __("The site is busy"),
    "conflict": __("Both changed the same place"),
    "stale": __("It has changed meanwhile"),
    "failed": __("Something went wrong on our side"),
}

EXPLAINED = {
    "invalid": __("Nothing was saved. See below what to change, and send it again."),
    "missing": __("The page was never written, or its name has changed. Search for it, or begin it yourself."),
    "unauthorised": __("Reading is open to everybody; to write, sign in or make an account. No e-mail is needed."),
    "forbidden": __("This needs another role in this community. You can still copy what you wrote."),
    "gone": __("It stood here once. Its history says what happened."),
    "held": __("Those who look after this place are deciding about it. Until then it can't be read or edited."),
    "blocked": __("Your account can read, but not write, until %(until)s. See why in your account; you can answer."),
    "too-large": __("Nothing was saved. Make it smaller, or send it in parts."),
    "busy": __("Nothing was lost: what you wrote stands below. Send it again in a moment."),
    "conflict": __("Choose for each place what shall stand."),
    "stale": __("Look at it again, then decide."),
    "failed": __("Nothing was lost: what you wrote stands below. Send it again in a moment."),
}

PROBLEMS = {
    "needed": __("This is needed."),
    "bad-choice": __("Choose one from the list."),
    "bad-shape": __("This part has another form than expected."),
    "bad-slug": __("Use small letters, digits and hyphens, at most 80."),
    "taken": __("This name is taken in this community."),
    "no-such-version": __("There is no such version."),
    "first-version": __("The first version can't be undone."),
    "key-reused": __("This key was used for another request."),
    "too-long": __("This is too long: at most %(limit)s."),
    "too-many-rows": __("There are too many rows: at most %(limit)s."),
    "too-many-parts": __("There are too many parts: at most %(limit)s."),
    "too-many-fields": __("There are too many fields: at most %(limit)s."),
    "too-many-items": __("There are too many entries: at most %(limit)s."),
    "too-large": __("The whole is too large: at most %(limit)s bytes."),
    "control-character": __("There is a character in it that can't be kept."),
    "nested": __("It is nested too deeply."),
    "not-json": __("This is not JSON."),
    "not-an-object": __("An object was expected."),
    "not-text": __("Text was expected."),
    "mixed": __("Texts and rows can't be mixed."),
    "bad-part-name": __("A part can't have this name."),
    "bad-field-name": __("A field can't have this name."),
    "bad-key": __("A row can't have this key."),
    "duplicate-key": __("Two rows have the same key."),
    "missing-key": __("A row has no key."),
    "bad-language": __("This is not a known language."),
    "bad-handle": __("Use small letters, digits and hyphens, at most 30. How about “%(handle)s”?"),
    "handle-taken": __("Somebody has this name already."),
    "too-short": __("This is too short: at least %(limit)s characters. A few words are easy to remember."),
    "too-common": __("This is easy to guess. Take a few words that nobody would put together."),
    "not-known": __("Name and passphrase do not go together."),
    "alt-needed": __("Say in a few words what the picture shows."),
    "file-needed": __("Choose a photo or a drawing."),
    "file-empty": __("The file is empty."),
    "file-kind": __(
        "We can't take this kind of file. Photos, drawings, PDF, text, tables (ODS, CSV) and files for machines "
        "(STL, STEP, DXF, FCStd, 3MF) can be taken."
    ),
    "picture-side": __("The photo is too large: at most %(limit)s pixels a side."),
    "picture-pixels": __("The photo is too large: at most %(limit)s pixels in all."),
    "picture-heavy": __("This photo takes too much work to open. Make it smaller, or save it as JPEG."),
    "picture-broken": __("The photo can't be read. Perhaps it did not arrive whole: send it again."),
    "drawing-large": __("The drawing is too large: at most %(limit)s bytes."),
    "drawing-elements": __("The drawing has too many pieces: at most %(limit)s."),
    "drawing-broken": __("This is not a whole SVG drawing."),
    "drawing-entities": __("The drawing declares things of its own (DOCTYPE with entities). Save it as plain SVG."),
    "drawing-loops": __("The drawing refers to itself."),
    "drawing-empty": __("Nothing that can be shown is left of the drawing."),
    "too-many-drafts": __("You have too many drafts: at most %(limit)s. Save or throw away one of them."),
    "bad-number": __("Write a number, such as 2 or 0.5."),
    "block-admin": __("Who keeps the site can't be blocked."),
    "base-gone": __(
        "The version that you began from was taken away. Look over what you wrote, leave out what had to go, and save."
    ),
    "words-length": __("Give between %(least)s and %(limit)s characters."),
    "words-everywhere": __("These words stand in too many places (%(count)s): at most %(limit)s. Give more of them."),
    "words-in-note": __("The reason is public: say it without these words."),
    "words-in-key": __("“%(page)s” holds these words in the name of a row: edit the page first, then come back."),
    "words-needed": __("“%(page)s” can't stand without these words: edit or rename it first, then come back."),
    "bad-resolution": __("This answer can't be used."),
}


def problem(found: errors.Problem) -> str:
    """The sentence for one problem."""
    sentence = PROBLEMS.get(found.code)
    if sentence is None:
        return str(_("This can't be used (%(code)s).", code=found.code))
    return str(sentence) % dict(found.values)


def refusal(error: errors.Refusal) -> str:
    """What happened and what to do, in a sentence or two."""
    if isinstance(error, errors.TooMany):
        minutes = max(1, round(error.seconds / 60))
        return str(ngettext("Wait a minute, then try again.", "Wait %(num)d minutes, then try again.", minutes))
    if isinstance(error, errors.Blocked):
        return str(EXPLAINED["blocked"]) % {"until": speech.moment(error.until)}
    kind = type(error).__name__
    key = {"TooLarge": "too-large"}.get(kind, kind.lower())
    return str(EXPLAINED[key])
