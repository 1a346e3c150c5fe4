/*
 * Stands before the resolver of names (LD_PRELOAD): what the file $NAMES_ARE says is what becomes of
 * any name: "known" is 127.0.0.1, "unknown" is not found for now, "slow" is not found in a minute.
 * Addresses are what they are.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char names_are(void)
{
	const char *path = getenv("NAMES_ARE");
	FILE *file = path ? fopen(path, "r") : NULL;
	int c = file ? fgetc(file) : EOF;

	if (file)
		fclose(file);
	return c == EOF ? 'k' : (char)c;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **out)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (!node || node[strspn(node, "0123456789.")] == '\0')
		return real(node, service, hints, out);
	switch (names_are()) {
	case 'u':
		return EAI_AGAIN;
	case 's':
		sleep(60);
		return EAI_AGAIN;
	default:
		return real("127.0.0.1", service, hints, out);
	}
}
