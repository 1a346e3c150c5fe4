/* Files: created 0600, replaced atomically, their errors in words. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include "base/buf.h"
#include "base/err.h"

/* Reads a whole file into 'out' (appended). Over 'max_bytes' is an error of class ETL_ESYSTEM. */
int file_read(const char *path, size_t max_bytes, struct buf *out, struct etl_err *err);

/* Writes path.tmp.<pid>, fsyncs, renames over 'path' and fsyncs the directory. */
int file_write_atomic(const char *path, struct str content, struct etl_err *err);

/* The same, but everybody may read the file (0644). */
int file_publish_atomic(const char *path, struct str content, struct etl_err *err);

/* Makes a new or renamed file's name durable: fsyncs the directory that 'path' lies in. */
int file_sync_parent(const char *path, struct etl_err *err);

/* Makes a directory (and its parents) 0700 where missing. */
int file_mkdirs(const char *path, struct etl_err *err);

/* write(2) until all is out. */
int file_write_all(int fd, const void *p, size_t n, const char *path, struct etl_err *err);

#endif
