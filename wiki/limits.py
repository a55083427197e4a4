"""The limits of what one request, document or account may ask for. Sizes are in bytes unless the name differs."""

KIB = 1024
MIB = 1024 * KIB

TEXT_PART = 256 * KIB
DOCUMENT = 1 * MIB
ROWS_PER_PART = 500
FIELD = 16 * KIB
PARTS_PER_DOCUMENT = 100
FIELDS_PER_ROW = 60
ITEMS_PER_SET = 500
PROBLEMS = 1000
"""How many problems of one document are told at once."""
NOTE = 2 * KIB
DIFF_STEPS = 400_000
"""How many steps comparing or merging one text may take; each is about a microsecond with what follows from it."""
MERGE_SECONDS = 2.0
"""How long merging one document may take; from then on what both sides touched is one conflict."""
UPLOAD = 32 * MIB

WRITE_SECONDS = 20
"""How long a write request may try before its sender is told that the site is busy."""
TURNS_BEFORE_LOCK = 3
"""From this turn on a write request decides with the store locked."""

DRAFTS_PER_ACCOUNT = 30
DRAFT_DAYS = 90
"""A draft that was not touched for so long is thrown away."""
DRAFT_TITLE = 120
"""Characters of a draft's title in lists."""
OPERATION_DAYS = 30
"""How long a repeated write request is recognised."""
HISTORY_PER_PAGE = 50
LIST_MAX = 200
BLAME_REVISIONS = 500
"""How many revisions back the authorship of lines is followed."""

FORM = 64 * KIB
"""The body of an ordinary form."""
DOCUMENT_BODY = 4 * MIB
"""The body of a request that carries a document: its percent-encoding can treble it."""
BODY = {
    "writing.new": DOCUMENT_BODY,
    "writing.paste": DOCUMENT_BODY,
    "writing.edit": DOCUMENT_BODY,
    "writing.keep": DOCUMENT_BODY,
    "writing.keep_new": DOCUMENT_BODY,
    "versions.undo": DOCUMENT_BODY,
    "api.create": DOCUMENT_BODY,
    "api.save": DOCUMENT_BODY,
    "api.upload": UPLOAD,
    "files.upload": UPLOAD + FORM,
}
"""The largest body of each endpoint that takes more than an ordinary form."""
NUMBER = 2**31
"""Numbers of versions and positions lie below this."""
WRITES_PER_MINUTE = 600
"""How many writes an account may ask for in a minute."""

MARKUP_MARKS = 30_000
"""Signs that may mean something, after which a text is shown as written. A dense page has 100 in 1 kB."""
MARKUP_LINES = 10_000
"""Lines after which a text is shown as it was written."""
MARKUP_DEPTH = 16
"""How deep lists and quotations lie within each other (a list counts twice), and emphasis within emphasis."""
MARKUP_CELLS = 10_000
"""Cells of all tables of one text."""
MARKUP_NOTE_LINKS = 1000

THREADS = 8
"""How many requests each worker answers at a time."""
CONNECTIONS = 1000
"""How many connections each worker holds, most of them waiting."""
REQUEST_HEADERS = 64 * KIB
REQUEST_BODY = UPLOAD + 1 * MIB
"""The largest body that is read at all; what an endpoint takes is said by BODY."""
BODY_IN_MEMORY = 128 * KIB
"""A body larger than this waits in a temporary file until it is whole."""
IDLE_SECONDS = 60
"""After this long without a byte a connection is closed."""
REQUEST_SECONDS = 60
"""How long a request may take to arrive, and longer for each byte of its body at SLOWEST_BODY."""
SLOWEST_BODY = 256
"""Bytes a second, a tenth of the slowest mobile network."""
STOP_SECONDS = 10
"""How long requests under way may take when the server stops."""

PASSPHRASE_MIN = 10
PASSPHRASE_MAX = 200
SESSION_DAYS = 30
TOKENS_PER_ACCOUNT = 20
SIGN_INS = 10
"""Wrong passphrases within `SIGN_IN_SECONDS`, for a handle and for an address."""
SIGN_IN_SECONDS = 300
SIGN_UPS_PER_DAY = 20
"""Accounts from one address. A whole village may share one."""

PICTURE_PIXELS = 40_000_000
PICTURE_SIDE = 12_000
PICTURE_WIDTHS = (320, 800, 1600)
"""The widths in pixels at which photos are kept, the smallest first."""
PICTURE_SECONDS = 10
"""How long making one photo safe may take; it is given up then."""
PICTURE_MEMORY = 400 * MIB
PICTURES_AT_ONCE = 2
"""How many photos each worker makes safe at a time; the others wait."""
DRAWING = 1 * MIB
DRAWING_ELEMENTS = 20_000
DRAWING_DEPTH = 64
DRAWING_DRAWN = 100_000
"""Elements that a drawing comes to when each use of a symbol is counted."""
FILE_NAME = 120
"""Characters of the name of a file."""
ATTACHMENT_MEMBERS = 5000
"""Members of an archive that is looked into to know what it is."""
FILE_TEXT = 100_000
"""Characters that are kept of the text in a file, to be found."""
FILE_TEXTS = 200_000
"""Characters that all files of a page add to what it is found by."""
FILE_TEXT_CPU = 10
"""Seconds of a processor that reading the text of one file may take."""
FILE_TEXT_SECONDS = 60
"""How long that may take while others use the processor."""
FILE_TEXT_MEMORY = 400 * MIB
FILE_TEXT_HANDLES = 16
"""Files that the process that reads one may have open."""
FILE_TEXT_PAGES = 500
FILE_TEXT_UNPACKED = 64 * MIB
"""What is unpacked of a file to read its text."""
ALT = 2 * KIB
UPLOADS_PER_DAY = 300
"""Files that an account may send in a day, refused ones too."""
UPLOAD_BYTES_PER_DAY = 256 * MIB
"""What is kept of the files that an account sends in 24 hours."""
ORPHAN_HOURS = 48
"""After this long stored bytes that no row names are swept away."""

NAME = 80
"""Characters of the name of a community."""
REGIONS = 40
WELCOME = 8 * KIB
FOUNDED_PER_DAY = 5
CODE = 10
"""Letters and digits of an invitation."""
INVITATION_DAYS = 30
INVITATION_USES = 50
GUESSES = 20
"""How many codes somebody may try within `GUESS_SECONDS`."""
GUESS_SECONDS = 3600

FAMILY = 1000
"""How many relatives of a design are told of at once."""
FAMILY_COLUMNS = 9
"""How many of them stand beside each other in a table."""
PROPOSALS_OPEN = 20
"""How many proposals of one account may wait on one page."""
STEWARDS_TOLD = 20
"""How many of those who keep a community are told of a proposal."""
REMARKS = 200
"""How many things may be said about one proposal."""

IMPORT_FOLDER = 512 * MIB
"""What is read of one folder that is taken in."""
IMPORT_FILES = 5000

FLAG_WORDS = 2 * KIB
FLAGS_PER_DAY = 30
"""How many times a day somebody may say that something is wrong."""
BLOCK_DAYS = 366
QUEUE_PER_PAGE = 30
NOTICES_SHOWN = 30

UNDO_ALL_PAGES = 200
"""On how many pages the edits of an account are taken back at once."""
REDACT_SHORTEST = 4
REDACT_LONGEST = 200
"""Characters of words that are taken away everywhere."""
REDACT_REVISIONS = 500
"""How many versions words are taken away from at once."""
