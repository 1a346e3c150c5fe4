/*
 * The start of the process: signals, umask, and nothing else. The first SIGINT or SIGTERM asks the
 * stop token, so that a load ends with its checkpoint in order. Whatever then does not come to its
 * end (a name server, a file system, a database that does not answer) is not waited for longer than
 * STOP_LIMIT_S; that, or a second signal, ends the process at once, which the checkpoint survives.
 */
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/stop.h"
#include "cli/cli.h"

#define STOPPED_STATUS 5
#define STOP_LIMIT_S 8

static struct stop stop;

static void on_signal(int signo)
{
	static volatile sig_atomic_t seen;

	if (seen)
		_exit(STOPPED_STATUS);
	seen = 1;
	stop_ask_signal(&stop, signo);
	alarm(STOP_LIMIT_S);
}

static void on_alarm(int signo)
{
	static const char words[] = "error: stopped by a signal, and ended without waiting longer\n"
				    "hint: the same command goes on where this one stopped\n";

	static const char json[] = "{\"level\":\"error\",\"event\":\"stopped by a signal, and ended "
				   "without waiting longer\",\"exit_status\":5}\n";
	bool as_json = log_is_json();

	(void)signo;
	if (write(STDERR_FILENO, as_json ? json : words,
		  (as_json ? sizeof(json) : sizeof(words)) - 1) < 0)
		_exit(STOPPED_STATUS);
	_exit(STOPPED_STATUS);
}

static void set_handler(int signo, void (*handler)(int))
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	sigemptyset(&action.sa_mask);
	/* not SA_RESTART: who waits in a system call shall look at the token */
	sigaction(signo, &action, NULL);
}

/* Passwords and keys are in memory, and shall not come to lie in a core file. Of a limit of 0 the kernel
 * tells a program that takes cores by a pipe, of 1 it makes none at all: core(5). */
static void forbid_core(void)
{
	const struct rlimit none = { 1, 1 };

	setrlimit(RLIMIT_CORE, &none);
}

int main(int argc, char **argv)
{
	sigset_t question;

	umask(077);
	forbid_core();
	set_handler(SIGINT, on_signal);
	set_handler(SIGTERM, on_signal);
	set_handler(SIGALRM, on_alarm);
	/* a question, see pipeline/question.h; it interrupts nothing */
	sigemptyset(&question);
	sigaddset(&question, SIGUSR1);
	sigprocmask(SIG_BLOCK, &question, NULL);
	/* both are errors of the write that causes them, and are told as such */
	set_handler(SIGPIPE, SIG_IGN);
	set_handler(SIGXFSZ, SIG_IGN);
	return cli_main(argc, argv, &stop);
}
