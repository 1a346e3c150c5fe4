#include "source/source.h"
#include "source/mysql/mysql_source.h"
#include "sink/null/null.h"
#include <pthread.h>
#include <mysql.h>
#include <curl/curl.h>
