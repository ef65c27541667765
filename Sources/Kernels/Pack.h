// Bit-packing of 16-bit numbers: groups of eight take `width` bytes, lowest bits first (Apache Parquet format, Encodings.md).
#pragma once
#include "Vectors.h"

// Four numbers of one word, moved together.
INLINE uint64_t pack4(uint64_t four, uint64_t bases, int32_t width) {
    four -= bases;
    uint64_t pairs = (four & 0x0000FFFF0000FFFFu) | (four & 0xFFFF0000FFFF0000u) >> (16 - width);
    return (pairs & 0xFFFFFFFFu) | (pairs >> 32) << 2 * width;
}

INLINE void pack8(const uint16_t *values, uint64_t bases, int32_t width, uint8_t *out) {
    uint64_t low, high;
    memcpy(&low, values, 8);
    memcpy(&high, values + 4, 8);
    low = pack4(low, bases, width);
    high = pack4(high, bases, width);
    uint64_t first = width < 16 ? low | high << 4 * width : low, second = width == 16 ? high : high >> 1 >> (63 - 4 * width);
    memcpy(out, &first, 8);
    memcpy(out + 8, &second, 8);
}

void PATH(pack)(const uint16_t *values, int32_t count, uint16_t base, int32_t width, uint8_t *out) {
    const uint64_t bases = base * 0x0001000100010001u;
    int32_t i = 0;
#if defined(FLEETSYNTH_AVX2) || defined(FLEETSYNTH_AVX512)
    if (width >= 9 && width <= 14) {
        // Pairs by multiply and add, pairs of pairs by shifts: a 64-bit lane then holds 4 * width bits, 36 ... 56, next to its neighbour's.
        const __m256i start = _mm256_set1_epi16((int16_t)base), weights = _mm256_set1_epi32(1 | 1 << (16 + width));
        const __m256i left = _mm256_set1_epi64x(32 - 2 * width);
        const __m128i right = _mm_cvtsi32_si128(32 - 2 * width);
        // At even widths a lane's bits are whole bytes.
        uint8_t places[16];
        for (int b = 0; b < 16; b++) places[b] = b < width / 2 ? (uint8_t)b : b < width ? (uint8_t)(8 + b - width / 2) : 0x80;
        __m128i together;
        memcpy(&together, places, sizeof together);
        for (; i + 16 <= count; i += 16) {
            __m256i v = _mm256_sub_epi16(_mm256_loadu_si256((const __m256i *)(values + i)), start);
            __m256i quads = _mm256_srl_epi64(_mm256_sllv_epi32(_mm256_madd_epi16(v, weights), left), right);
            for (int half = 0; half < 2; half++) {
                __m128i two = half ? _mm256_extracti128_si256(quads, 1) : _mm256_castsi256_si128(quads);
                if (width % 2 == 0) {
                    _mm_storeu_si128((__m128i *)out, _mm_shuffle_epi8(two, together));
                } else {
                    uint64_t low = (uint64_t)_mm_cvtsi128_si64(two), high = (uint64_t)_mm_extract_epi64(two, 1);
                    uint64_t first = low | high << 4 * width, second = high >> (64 - 4 * width);
                    memcpy(out, &first, 8);
                    memcpy(out + 8, &second, 8);
                }
                out += width;
            }
        }
    }
#endif
    for (; i + 8 <= count; i += 8) {
        pack8(values + i, bases, width, out);
        out += width;
    }
    if (i < count) {
        uint16_t rest[8] = {base, base, base, base, base, base, base, base};
        memcpy(rest, values + i, (size_t)(count - i) * sizeof *rest);
        pack8(rest, bases, width, out);
    }
}

void PATH(extremes)(const uint16_t *values, int32_t count, uint16_t *low, uint16_t *high) {
    uint16_t least = values[0], greatest = values[0];
    for (int32_t i = 0; i < count; i++) {
        least = values[i] < least ? values[i] : least;
        greatest = values[i] > greatest ? values[i] : greatest;
    }
    *low = least;
    *high = greatest;
}
