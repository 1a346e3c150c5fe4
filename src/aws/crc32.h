/* CRC-32 as zlib and X-Amz-Crc32 have it (IEEE 802.3, reflected). */
#ifndef AWS_CRC32_H
#define AWS_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t aws_crc32(const void *p, size_t n);

#endif
