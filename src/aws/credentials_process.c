/*
 * Provider: the profile's credential_process, a command line that prints the credentials as JSON.
 * It is run without a shell; what it writes on standard error goes where ours does.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
 */
#include "aws/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_WORDS 64
#define MAX_OUTPUT_BYTES (64u << 10)
#define POLL_MS 50

/* Cuts 'line' into words as a shell would, without anything else that a shell does: blanks part
 * them, quotes keep them together, a backslash takes the next character as it is, except between
 * single quotes. Gives the number of words, 0 if a quote is not closed or there are too many. */
static size_t split(char *line, char *words[MAX_WORDS + 1])
{
	char *from = line, *to = line, quote = 0;
	size_t n = 0;

	while (*from) {
		while (*from == ' ' || *from == '\t')
			from++;
		if (!*from)
			break;
		if (n == MAX_WORDS)
			return 0;
		words[n++] = to;
		for (; *from && (quote || (*from != ' ' && *from != '\t')); from++) {
			if (quote ? *from == quote : *from == '"' || *from == '\'')
				quote = quote ? 0 : *from;
			else if (*from == '\\' && quote != '\'' && from[1])
				*to++ = *++from;
			else
				*to++ = *from;
		}
		if (quote)
			return 0;
		if (*from)
			from++;
		*to++ = '\0';
	}
	words[n] = NULL;
	return n;
}

static int start(char *const *words, int out_fd, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults, none;
	int rc;

	/* Signals are ignored here, and blocked in most threads: a program would inherit that. */
	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	sigaddset(&defaults, SIGXFSZ);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	rc = posix_spawnp(pid, words[0], &actions, &attributes, words, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

/* What it prints until it closes its output. NULL, or why that cannot be had. */
static const char *read_output(const struct aws_config *config, int fd, struct buf *out)
{
	struct clock *clock = config->clock ? config->clock : clock_real();
	int64_t until_ms = clock->now_ms(clock) + CREDENTIALS_PROCESS_MS;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	/* No growing: a buffer that moves would leave a secret behind. */
	buf_reserve(out, MAX_OUTPUT_BYTES);
	for (;;) {
		ssize_t got;

		if (stop_asked(config->stop))
			return "stopped while waiting for it";
		if (clock->now_ms(clock) > until_ms)
			return "it did not end in time";
		if (poll(&p, 1, POLL_MS) <= 0)
			continue;
		got = read(fd, out->ptr + out->len, MAX_OUTPUT_BYTES - out->len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return "its output cannot be read";
		if (got == 0)
			return NULL;
		out->len += (size_t)got;
		if (out->len == MAX_OUTPUT_BYTES)
			return "it prints too much";
	}
}

static const char *reap(pid_t pid, bool kill_it, char status_text[40])
{
	int status = 0;

	if (kill_it)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return NULL;
	if (WIFEXITED(status))
		snprintf(status_text, 40, "it ended with status %d", WEXITSTATUS(status));
	else
		snprintf(status_text, 40, "it ended by signal %d", WTERMSIG(status));
	return status_text;
}

static const char *run(const struct aws_config *config, char *const *words, struct buf *out,
		       char status_text[40])
{
	const char *why, *ended;
	int fds[2], rc;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return "no pipe";
	rc = start(words, fds[1], &pid);
	close(fds[1]);
	if (rc) {
		close(fds[0]);
		return strerror(rc);
	}
	why = read_output(config, fds[0], out);
	close(fds[0]);
	ended = reap(pid, why != NULL, status_text);
	return why ? why : ended;
}

static bool is_version_1(struct str json)
{
	json_t *root = json_loadb(json.len ? json.ptr : "", json.len, 0, NULL);
	json_t *version = json_object_get(root, "Version");
	bool yes = json_is_integer(version) && json_integer_value(version) == 1;

	json_decref(root);
	return yes;
}

int credentials_process(const struct aws_config *config, const struct aws_profile *profile,
			struct credentials *out, struct etl_err *err)
{
	const char *line = ini_get(profile->credentials, profile->name, "credential_process");
	char *words[MAX_WORDS + 1], *copy, origin[320], status_text[40];
	const char *why = NULL;
	struct buf output = { 0 };
	int rc = 0;

	if (!line || !*line)
		line = aws_profile_get(profile, "credential_process");
	if (!line)
		return 0;
	snprintf(origin, sizeof(origin), "the credential_process of profile '%s'", profile->name);
	copy = mem_strdup(line);
	if (!split(copy, words))
		why = "its command line has an open quote, or too many words";
	if (!why)
		why = run(config, words, &output, status_text);
	if (why)
		rc = etl_err_set(err, stop_asked(config->stop) ? ETL_ESTOPPED : ETL_ECREDENTIALS,
				 "%s failed: %s", origin, why);
	else if (!is_version_1(buf_str(&output)))
		rc = etl_err_set(err, ETL_ECREDENTIALS, "%s gave no JSON of Version 1", origin);
	else
		rc = credentials_from_json(out, buf_str(&output), "SessionToken", origin, err);
	if (output.ptr)
		OPENSSL_cleanse(output.ptr, output.cap);
	buf_release(&output);
	free(copy);
	return rc ? rc : 1;
}
