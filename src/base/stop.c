#include "base/stop.h"

_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler stores into an atomic int");

/* The first to ask is the reason: a failure that follows a signal does not hide the signal. */
void stop_ask(struct stop *s)
{
	int none = 0;

	if (!stop_asked(s->parent))
		atomic_compare_exchange_strong(&s->asked, &none, 1);
}

void stop_ask_signal(struct stop *s, int signo)
{
	int none = 0;

	atomic_compare_exchange_strong(&s->asked, &none, signo + 1);
}

int stop_signal(const struct stop *s)
{
	int asked = s ? atomic_load(&((struct stop *)s)->asked) : 0;

	if (asked == 0 && s && s->parent)
		asked = atomic_load(&s->parent->asked);
	return asked > 1 ? asked - 1 : 0;
}

void stop_forgive(struct stop *s)
{
	int failed = 1;

	atomic_compare_exchange_strong(&s->asked, &failed, 0);
}
