/*
 * The start of the process: signals, umask, and nothing else. The first SIGINT or SIGTERM asks the
 * stop token, so that a load ends with its checkpoint in order; a second one ends at once, which
 * the checkpoint survives as well.
 */
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/stop.h"
#include "cli/cli.h"

#define STOPPED_STATUS 5

static struct stop stop;

static void on_signal(int signo)
{
	static volatile sig_atomic_t seen;

	if (seen)
		_exit(STOPPED_STATUS);
	seen = 1;
	stop_ask_signal(&stop, signo);
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

int main(int argc, char **argv)
{
	umask(077);
	set_handler(SIGINT, on_signal);
	set_handler(SIGTERM, on_signal);
	/* both are errors of the write that causes them, and are told as such */
	set_handler(SIGPIPE, SIG_IGN);
	set_handler(SIGXFSZ, SIG_IGN);
	return cli_main(argc, argv, &stop);
}
