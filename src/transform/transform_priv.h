/* What the files of this room share: scratch memory, and how one attribute is made. */
#ifndef TRANSFORM_PRIV_H
#define TRANSFORM_PRIV_H

#include "base/buf.h"
#include "model/item.h"
#include "model/json.h"
#include "model/reject.h"
#include "model/shape.h"

/* What is wrong with a value: "attribute 'a' holds '<found>', which <which>". */
struct finding {
	enum reject_code code;
	struct str found;	/* lent until the next value is made; no pointer: not to be shown */
	const char *which;	/* static text */
};

/* A fault inside a document. It is forgiven if it lies in a member that a later member of the
 * same name replaces, so each is kept with its place in the output until its object has ended. */
struct doc_fault {
	struct finding what;
	size_t at;
};

/* A member of an object being written, or of a set being gathered. */
struct piece {
	size_t name_at, name_len;	/* what makes it a duplicate: bytes of a buffer */
	size_t start, end;		/* the whole member in the output, with its comma */
	size_t size_bytes;		/* as the item's size counts it */
	bool dropped;
};

struct sort_ref {
	struct str name;
	size_t index;
};

struct doc_frame {		/* one open list or map */
	bool is_map;
	size_t first_piece;	/* of a map: where its members begin in 'pieces' */
	size_t size_bytes;	/* of a list: so far */
};

struct attr_span {		/* an attribute in item->json, "name":{...}; empty: left out */
	size_t start, end;
	bool faulty;		/* left out because it breaks a rule */
};

struct transform {
	struct json_reader reader;
	struct buf text;		/* a scalar made from the field, or the members of a set */
	struct buf found;		/* of a finding whose own place was used again */
	struct buf key_part[2];		/* canonical bytes of partition and sort key */
	struct doc_frame frames[ITEM_MAX_NESTING];
	size_t depth;
	struct piece *pieces;
	size_t npieces, pieces_cap;
	struct sort_ref *refs;
	size_t refs_cap;
	struct doc_fault *faults;
	size_t nfaults, faults_cap;
	struct attr_span *spans;
	size_t spans_cap;
};

enum outcome {
	MADE,
	LEFT_OUT,	/* an empty set */
	IS_NULL,	/* JSON null where a value was asked for: as SQL NULL */
	FAULTY
};

struct encoded {
	size_t size_bytes;	/* of the value, without the attribute's name */
	struct str scalar;	/* S, N, B: the value's bytes as keys count them; lent until 'out'
				   or the scratch changes */
};

/* Appends the typed value, {"S":"..."}, to 'out'. On anything but MADE the caller cuts 'out'
 * back to where it was; on FAULTY 'f' says why. */
enum outcome encode_value(struct transform *t, const struct shape_attr *a, struct str v,
			  struct buf *out, struct encoded *e, struct finding *f);

/* The same for the types of documents (M and L from JSON text) and of sets. */
enum outcome encode_document(struct transform *t, enum attr_type type, struct str v,
			     struct buf *out, struct encoded *e, struct finding *f);
enum outcome encode_set(struct transform *t, const struct shape_attr *a, struct str v,
			struct buf *out, struct encoded *e, struct finding *f);

/* Cuts the next piece off 'rest'; false when there is none. An empty separator cuts nothing. */
bool split_next(struct str *rest, struct str separator, struct str *piece);

struct piece *piece_add(struct transform *t);

/* Marks all but the first (or last) of equal names among t->pieces[from..]; true if there are
 * any. 'base' is what name_at counts from. */
bool pieces_drop_duplicates(struct transform *t, size_t from, const char *base, bool keep_last);

enum outcome finding_set(struct finding *f, enum reject_code code, struct str found,
			 const char *which);

/* The finding for a reader that stopped: why, in the contract's codes. */
enum outcome finding_json(struct finding *f, enum json_why why, struct str text);

#endif
