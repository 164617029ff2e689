/* The tests' microphone and speaker: two JACK clients outside Python's lock.
 *
 * `microphone` plays into the program, `speaker` records what the program sends. Both go by JACK's
 * frame time, so that sample 0 of what is played and sample 0 of what is recorded are the same JACK
 * frame, and any lag between the two is the program's own. No Python runs here: its lock would be
 * measured along with the program.
 *
 * JACK's headers are not needed; what is used of libjack is declared below.
 */
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint32_t nframes_t;
typedef struct _jack_client jack_client_t;
typedef struct _jack_port jack_port_t;
enum { NO_START_SERVER = 1, USE_EXACT_NAME = 2, SERVER_NAME = 4 };
enum { IS_INPUT = 1, IS_OUTPUT = 2, IS_PHYSICAL = 4, IS_TERMINAL = 16 };
#define AUDIO "32 bit float mono audio"
#define MIDI "8 bit raw midi"

extern jack_client_t *jack_client_open(const char *, int, int *, ...);
extern int jack_client_close(jack_client_t *);
extern int jack_activate(jack_client_t *);
extern jack_port_t *jack_port_register(
    jack_client_t *, const char *, const char *, unsigned long, unsigned long);
extern void *jack_port_get_buffer(jack_port_t *, nframes_t);
extern nframes_t jack_last_frame_time(const jack_client_t *);
extern uint64_t jack_get_time(void);
extern int jack_set_process_callback(jack_client_t *, int (*)(nframes_t, void *), void *);
extern int jack_set_xrun_callback(jack_client_t *, int (*)(void *), void *);
extern void jack_on_shutdown(jack_client_t *, void (*)(void *), void *);
extern void jack_set_error_function(void (*)(const char *));
extern void jack_set_info_function(void (*)(const char *));
extern void jack_midi_clear_buffer(void *);
extern int jack_midi_event_write(void *, nframes_t, const uint8_t *, size_t);

/* One take, laid out as `Take` in transport.py. Positions are samples from the take's sample 0. */
typedef struct {
    const float *mic;
    int64_t n_mic;
    float *left, *right;
    int64_t n_samples;
    const int64_t *midi_at;
    const uint8_t *midi; /* three bytes a message */
    int64_t n_midi;
    int64_t *played_at_us; /* a cycle: the player's end, by JACK's clock (CLOCK_MONOTONIC_RAW) */
    float *turnaround_us;  /* from there to the recorder's start */
    int64_t n_cycles_max;
    /* written while it runs */
    int64_t start_frame, n_midi_sent, n_cycles, n_recorded, n_xruns;
    _Atomic int64_t is_done;
} Take;

typedef struct {
    jack_client_t *player, *recorder;
    jack_port_t *mic, *knobs, *left, *right;
    _Atomic(Take *) take;
    nframes_t played_frame;
    uint64_t played_at_us;
    atomic_int is_gone;
} Card;

static int64_t position(const Take *take, nframes_t frame) {
    return (int32_t)(frame - (nframes_t)take->start_frame); /* frame times wrap after a day */
}

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

static void send_midi(Take *take, void *port, int64_t at, nframes_t n) {
    while (take->n_midi_sent < take->n_midi && take->midi_at[take->n_midi_sent] < at + n) {
        const uint8_t *message = take->midi + 3 * take->n_midi_sent;
        int is_short = (message[0] & 0xE0) == 0xC0; /* program change, channel pressure */
        size_t size = message[0] >= 0xF8 ? 1 : is_short ? 2 : 3; /* clock and the like */
        int64_t offset = larger(take->midi_at[take->n_midi_sent] - at, 0);
        jack_midi_event_write(port, (nframes_t)offset, message, size);
        take->n_midi_sent++;
    }
}

static int play(nframes_t n, void *argument) {
    Card *card = argument;
    Take *take = atomic_load(&card->take);
    float *out = jack_port_get_buffer(card->mic, n);
    void *knobs = jack_port_get_buffer(card->knobs, n);
    nframes_t frame = jack_last_frame_time(card->player);
    memset(out, 0, n * sizeof *out);
    jack_midi_clear_buffer(knobs);
    if (take) {
        int64_t at = position(take, frame);
        int64_t from = larger(at, 0), to = smaller(at + n, take->n_mic);
        if (from < to) memcpy(out + (from - at), take->mic + from, (to - from) * sizeof *out);
        send_midi(take, knobs, at, n);
    }
    card->played_frame = frame;
    card->played_at_us = jack_get_time();
    return 0;
}

static int record(nframes_t n, void *argument) {
    Card *card = argument;
    uint64_t now_us = jack_get_time();
    Take *take = atomic_load(&card->take);
    nframes_t frame = jack_last_frame_time(card->recorder);
    if (!take || take->is_done) return 0;
    int64_t at = position(take, frame);
    int64_t from = larger(at, 0), to = smaller(at + n, take->n_samples);
    if (from < to) {
        size_t size = (to - from) * sizeof(float);
        memcpy(take->left + from, (float *)jack_port_get_buffer(card->left, n) + (from - at), size);
        memcpy(take->right + from, (float *)jack_port_get_buffer(card->right, n) + (from - at), size);
        take->n_recorded += to - from;
        if (card->played_frame == frame && take->n_cycles < take->n_cycles_max) {
            take->played_at_us[take->n_cycles] = (int64_t)card->played_at_us;
            take->turnaround_us[take->n_cycles++] = (float)(now_us - card->played_at_us);
        }
    }
    if (at + n >= take->n_samples) atomic_store(&take->is_done, 1);
    return 0;
}

static int count_xrun(void *argument) {
    Take *take = atomic_load(&((Card *)argument)->take);
    if (take && !take->is_done) take->n_xruns++;
    return 0;
}

static void note_shutdown(void *argument) { atomic_store(&((Card *)argument)->is_gone, 1); }
static void say_nothing(const char *text) { (void)text; }

static jack_client_t *open_client(const char *name, const char *server) {
    int status;
    return jack_client_open(name, NO_START_SERVER | USE_EXACT_NAME | SERVER_NAME, &status, server);
}

void card_close(Card *card) {
    if (card->player) jack_client_close(card->player);
    if (card->recorder) jack_client_close(card->recorder);
    free(card);
}

/* NULL if the server does not answer. */
Card *card_open(const char *server) {
    unsigned long hardware = IS_PHYSICAL | IS_TERMINAL;
    jack_set_error_function(say_nothing);
    jack_set_info_function(say_nothing);
    Card *card = calloc(1, sizeof *card);
    card->player = open_client("microphone", server);
    if (card->player) card->recorder = open_client("speaker", server);
    if (!card->recorder) {
        card_close(card);
        return NULL;
    }
    card->mic = jack_port_register(card->player, "mono", AUDIO, IS_OUTPUT | hardware, 0);
    card->knobs = jack_port_register(card->player, "knobs", MIDI, IS_OUTPUT | hardware, 0);
    card->left = jack_port_register(card->recorder, "left", AUDIO, IS_INPUT | hardware, 0);
    card->right = jack_port_register(card->recorder, "right", AUDIO, IS_INPUT | hardware, 0);
    jack_set_process_callback(card->player, play, card);
    jack_set_process_callback(card->recorder, record, card);
    jack_set_xrun_callback(card->recorder, count_xrun, card);
    jack_on_shutdown(card->recorder, note_shutdown, card);
    if (jack_activate(card->player) || jack_activate(card->recorder)) {
        card_close(card);
        return NULL;
    }
    return card;
}

/* The take begins `lead` frames after the cycle that runs now. It must outlive the next one. */
void card_start(Card *card, Take *take, nframes_t lead) {
    take->start_frame = (nframes_t)(jack_last_frame_time(card->player) + lead);
    atomic_store(&card->take, take);
}

int card_is_done(const Take *take) { return atomic_load(&take->is_done) != 0; }
int card_is_gone(Card *card) { return atomic_load(&card->is_gone); }
