/*
 * Functions that this program does not call, because a correct call is hard to tell from a
 * wrong one. The Makefile includes this file first in every file of src/; a call to one of
 * these names does not compile, and the message names the function.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

/* Their own headers first: after the macros below these declarations could not be read. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ETL_BANNED(function) sorry_##function##_is_a_banned_function

/* no bound, or a bound that leaves the result without its NUL: use struct buf, snprintf, memcpy */
#undef strcpy
#define strcpy(...) ETL_BANNED(strcpy)
#undef stpcpy
#define stpcpy(...) ETL_BANNED(stpcpy)
#undef strcat
#define strcat(...) ETL_BANNED(strcat)
#undef strncpy
#define strncpy(...) ETL_BANNED(strncpy)
#undef stpncpy
#define stpncpy(...) ETL_BANNED(stpncpy)
#undef strncat
#define strncat(...) ETL_BANNED(strncat)
#undef sprintf
#define sprintf(...) ETL_BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) ETL_BANNED(vsprintf)
#undef gets
#define gets(...) ETL_BANNED(gets)
#undef alloca
#define alloca(...) ETL_BANNED(alloca)

/* hidden state shared by all threads: use strtok_r, gmtime_r, strftime, nrand48 */
#undef strtok
#define strtok(...) ETL_BANNED(strtok)
#undef asctime
#define asctime(...) ETL_BANNED(asctime)
#undef ctime
#define ctime(...) ETL_BANNED(ctime)
#undef localtime
#define localtime(...) ETL_BANNED(localtime)
#undef gmtime
#define gmtime(...) ETL_BANNED(gmtime)
#undef rand
#define rand(...) ETL_BANNED(rand)
#undef srand
#define srand(...) ETL_BANNED(srand)

/* no room in the buffer's type for its length: use strftime */
#undef asctime_r
#define asctime_r(...) ETL_BANNED(asctime_r)
#undef ctime_r
#define ctime_r(...) ETL_BANNED(ctime_r)

/* cannot say that the text was no number: use strtol and its end pointer */
#undef atoi
#define atoi(...) ETL_BANNED(atoi)
#undef atol
#define atol(...) ETL_BANNED(atol)
#undef atoll
#define atoll(...) ETL_BANNED(atoll)
#undef atof
#define atof(...) ETL_BANNED(atof)

/* someone else can take the name meanwhile: use mkstemp */
#undef tmpnam
#define tmpnam(...) ETL_BANNED(tmpnam)
#undef tempnam
#define tempnam(...) ETL_BANNED(tempnam)
#undef mktemp
#define mktemp(...) ETL_BANNED(mktemp)

/* a shell reads the command: use posix_spawn */
#undef system
#define system(...) ETL_BANNED(system)
#undef popen
#define popen(...) ETL_BANNED(popen)

/* differs between systems in what happens at the second signal: use sigaction */
#undef signal
#define signal(...) ETL_BANNED(signal)

#endif
