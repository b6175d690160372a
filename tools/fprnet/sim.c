/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agenda.h"
#include "sim.h"

/* What a message weighs beside its payload. */
#define HEADER_BYTES 64u
#define NONE UINT32_MAX

enum kind { COMPUTED, LINK_FREE, ARRIVED, SUMMED, PULLED };

/* The connections from one node to another: of its worker process, and of its server's. */
enum process { WORKER, SERVER, PROCESSES };

/**
 * struct message - on its way, or waiting for the link
 * @left: bytes not yet sent
 * @slice: which
 * @from: node
 * @to: node
 * @next: behind it on its connection; also links free ones
 * @turn: of a connection's first message: the first one of the connection that takes its turn next
 * @what: enum fpr_sync_message
 */
struct message {
	uint32_t left, slice, from, to, next, turn;
	uint8_t what;
};

struct connection {
	uint32_t head, tail; /* message + 1, 0: none, so that untouched memory is empty */
};

/**
 * struct node - a machine: worker, server and link
 * @core: its decisions
 * @missing: per layer: tensors that are not ready
 * @layer: being computed, or waited for
 * @step: being computed
 * @backward: in the second half of the step
 * @waiting: the layer's tensors are not ready
 * @sending: message that has the link, NONE: it is free
 * @chunk: bytes of it that are on the link
 * @turn_head: first connection in turn, by its first message
 * @turn_tail: last one
 * @server_free: when the server is done with what it has
 * @link_busy: time that the link was busy since measuring began
 * @server_busy: likewise the server
 */
struct node {
	struct fpr_sync_core *core;
	uint32_t *missing;
	uint32_t layer, step;
	uint8_t backward, waiting;
	uint32_t sending, chunk, turn_head, turn_tail;
	uint64_t server_free, link_busy, server_busy;
};

struct sim {
	const struct sim_job *job;
	const struct model *model;
	struct fpr_sync_plan *plan;
	const struct fpr_sync_slice *slices;
	uint64_t *forward_ns; /* per layer */
	uint32_t *layer_of; /* per tensor */
	uint32_t nodes, finished, done_step;
	uint64_t now, events, messages_sent;
	uint64_t started, ended;
	double ns_per_byte;
	uint64_t message_ns;
	struct agenda agenda;
	struct node *node;
	struct connection *connections;
	struct message *messages;
	uint32_t message_room, message_free;
	int error;
};

/* ---- messages ---------------------------------------------------------- */

static uint32_t new_message(struct sim *sim)
{
	uint32_t message = sim->message_free;

	if (message == NONE) {
		uint32_t room = sim->message_room ? sim->message_room * 2 : 4096;
		struct message *more = room > sim->message_room
					       ? realloc(sim->messages, room * sizeof(*more))
					       : NULL;

		if (!more)
			return NONE;
		for (uint32_t i = room; i-- > sim->message_room;) {
			more[i].next = sim->message_free;
			sim->message_free = i;
		}
		sim->messages = more;
		sim->message_room = room;
		message = sim->message_free;
	}
	sim->message_free = sim->messages[message].next;
	return message;
}

static void free_message(struct sim *sim, uint32_t message)
{
	sim->messages[message].next = sim->message_free;
	sim->message_free = message;
}

static struct connection *connection_of(struct sim *sim, const struct message *m)
{
	const int server = m->what == FPR_SYNC_REPLY || m->what == FPR_SYNC_NOTIFY;

	return sim->connections + ((size_t)m->from * sim->nodes + m->to) * PROCESSES +
	       (server ? SERVER : WORKER);
}

/* ---- the link: connections take turns, a chunk each -------------------- */

static void take_turn(struct sim *sim, struct node *node, uint32_t message)
{
	sim->messages[message].turn = NONE;
	if (node->turn_head == NONE)
		node->turn_head = message;
	else
		sim->messages[node->turn_tail].turn = message;
	node->turn_tail = message;
}

static void use_link(struct sim *sim, uint32_t at)
{
	struct node *node = sim->node + at;
	const double limit = sim->job->constants->chunk_bytes;
	struct message *m;
	uint64_t ns;

	if (node->sending != NONE || node->turn_head == NONE)
		return;
	node->sending = node->turn_head;
	m = sim->messages + node->sending;
	node->turn_head = m->turn;
	node->chunk = m->left < limit ? m->left : (uint32_t)limit;
	ns = (uint64_t)(node->chunk * sim->ns_per_byte + 0.5);
	node->link_busy += ns;
	agenda_add(&sim->agenda, sim->now + ns, LINK_FREE, at, 0);
}

static void send_message(struct sim *sim, uint32_t from, const struct fpr_sync_action *action)
{
	const uint32_t message = new_message(sim);
	struct message *m = sim->messages + message;
	struct connection *connection;

	if (message == NONE) {
		sim->error = -ENOMEM;
		return;
	}
	*m = (struct message){.left = action->bytes + HEADER_BYTES,
			      .slice = action->slice,
			      .from = from,
			      .to = action->peer,
			      .what = (uint8_t)action->message};
	m->next = NONE;
	sim->messages_sent++;
	connection = connection_of(sim, m);
	if (connection->head) {
		sim->messages[connection->tail - 1].next = message;
	} else {
		connection->head = message + 1;
		take_turn(sim, sim->node + from, message);
	}
	connection->tail = message + 1;
}

/* ---- the server: one thing at a time ----------------------------------- */

static uint64_t serve(struct sim *sim, struct node *node, double ns)
{
	const uint64_t whole = (uint64_t)(ns + 0.5);

	if (node->server_free < sim->now)
		node->server_free = sim->now;
	node->server_free += whole;
	node->server_busy += whole;
	return node->server_free;
}

static double sum_ns(const struct sim *sim, const struct fpr_sync_action *action)
{
	const struct constants *c = sim->job->constants;
	const int large = action->bytes >= c->large_bytes;
	double ns =
		(double)sim->message_ns + action->bytes / (large ? c->large_add_gbs : c->add_gbs);

	if (action->last)
		ns += action->bytes / (large ? c->large_update_gbs : c->update_gbs) +
		      (double)sim->message_ns * sim->job->config.workers;
	return ns;
}

/* ---- the worker -------------------------------------------------------- */

static void compute(struct sim *sim, uint32_t at)
{
	struct node *node = sim->node + at;
	const uint64_t ns = sim->forward_ns[node->layer];

	node->waiting = !node->backward && node->missing[node->layer];
	if (!node->waiting)
		agenda_add(&sim->agenda, sim->now + (node->backward ? 2 * ns : ns), COMPUTED, at,
			   0);
}

/* The last node to finish a step ends it. */
static void finish_step(struct sim *sim)
{
	if (++sim->finished < sim->job->config.workers)
		return;
	sim->finished = 0;
	sim->done_step++;
	if (sim->done_step == sim->job->warm) {
		sim->started = sim->now;
		sim->messages_sent = 0;
		sim->node[0].link_busy = 0;
		sim->node[0].server_busy = 0;
	}
	if (sim->done_step == sim->job->warm + sim->job->steps)
		sim->ended = sim->now;
}

static void give_gradients(struct sim *sim, uint32_t at)
{
	struct node *node = sim->node + at;
	const struct layer *layer = sim->model->layers + node->layer;

	node->missing[node->layer] = layer->tensors;
	for (uint32_t t = layer->first + layer->tensors; t-- > layer->first;) {
		int ret =
			fpr_sync_gradient(node->core, t, 0, sim->model->tensors[t].bytes, sim->now);

		if (ret)
			sim->error = ret;
	}
}

static void computed(struct sim *sim, uint32_t at)
{
	struct node *node = sim->node + at;

	if (!node->backward && node->layer + 1 < sim->model->layer_count) {
		node->layer++;
	} else if (!node->backward) {
		node->backward = 1;
	} else {
		give_gradients(sim, at);
		if (node->layer) {
			node->layer--;
		} else {
			node->backward = 0;
			node->step++;
			finish_step(sim);
		}
	}
	compute(sim, at);
}

static void ready(struct sim *sim, uint32_t at, uint32_t tensor)
{
	struct node *node = sim->node + at;
	const uint32_t layer = sim->layer_of[tensor];

	if (!--node->missing[layer] && node->waiting && node->layer == layer)
		compute(sim, at);
}

/* ---- events ------------------------------------------------------------ */

static void act(struct sim *sim, uint32_t at)
{
	struct node *node = sim->node + at;
	struct fpr_sync_action action;
	int ret;

	while ((ret = fpr_sync_next(node->core, &action)) == 1) {
		if (action.verb == FPR_SYNC_SEND)
			send_message(sim, at, &action);
		else if (action.verb == FPR_SYNC_AGGREGATE)
			agenda_add(&sim->agenda, serve(sim, node, sum_ns(sim, &action)), SUMMED, at,
				   action.slice);
		else if (action.verb == FPR_SYNC_READY)
			ready(sim, at, action.tensor);
	}
	if (ret)
		sim->error = ret;
	use_link(sim, at);
}

static int link_free(struct sim *sim, uint32_t at)
{
	struct node *node = sim->node + at;
	const uint32_t message = node->sending;
	struct message *m = sim->messages + message;
	struct connection *connection = connection_of(sim, m);

	node->sending = NONE;
	m->left -= node->chunk;
	if (m->left) {
		take_turn(sim, node, message);
		return 0;
	}
	connection->head = m->next == NONE ? 0 : m->next + 1;
	if (connection->head)
		take_turn(sim, node, m->next);
	agenda_add(&sim->agenda, sim->now + (uint64_t)(sim->job->constants->latency_us * 1e3),
		   ARRIVED, m->to, message);
	return fpr_sync_sent(node->core, m->to, m->what, m->slice);
}

static int receive(struct sim *sim, uint32_t at, uint32_t message)
{
	const struct message *m = sim->messages + message;
	const int ret = fpr_sync_received(sim->node[at].core, m->from, m->what, m->slice, sim->now);

	free_message(sim, message);
	return ret;
}

static int arrived(struct sim *sim, uint32_t at, uint32_t message)
{
	/* A push's cost is in its sum; a pull keeps the server busy by itself. */
	if (sim->messages[message].what != FPR_SYNC_PULL)
		return receive(sim, at, message);
	agenda_add(&sim->agenda, serve(sim, sim->node + at, (double)sim->message_ns), PULLED, at,
		   message);
	return 0;
}

static int happen(struct sim *sim, const struct agenda_item *item)
{
	switch (item->kind) {
	case COMPUTED:
		computed(sim, item->node);
		return 0;
	case LINK_FREE:
		return link_free(sim, item->node);
	case ARRIVED:
		return arrived(sim, item->node, item->what);
	case SUMMED:
		return fpr_sync_aggregated(sim->node[item->node].core, item->what);
	default:
		return receive(sim, item->node, item->what);
	}
}

static int run(struct sim *sim)
{
	struct agenda_item item;

	for (uint32_t i = 0; i < sim->job->config.workers; i++)
		compute(sim, i);
	while (!sim->ended && agenda_take(&sim->agenda, &item)) {
		int ret;

		sim->now = item.ns;
		sim->events++;
		ret = happen(sim, &item);
		if (ret)
			return ret;
		act(sim, item.node);
		if (sim->error || sim->agenda.failed)
			return sim->error ? sim->error : -ENOMEM;
	}
	/* Nothing left to happen with steps to do would be a deadlock of the core. */
	return sim->ended ? 0 : -EDEADLK;
}

/* ---- life -------------------------------------------------------------- */

static int open_nodes(struct sim *sim)
{
	for (uint32_t i = 0; i < sim->nodes; i++) {
		struct node *node = sim->node + i;
		int ret = fpr_sync_core_create(sim->plan, i, 0, &node->core);

		node->missing = calloc(sim->model->layer_count, sizeof(*node->missing));
		if (ret || !node->missing)
			return ret ? ret : -ENOMEM;
		node->sending = NONE;
		node->turn_head = NONE;
	}
	return 0;
}

static int open_sim(struct sim *sim)
{
	const struct model *model = sim->model;
	uint32_t count;
	int ret = fpr_sync_plan_create(&sim->job->config, model->tensors, model->tensor_count,
				       &sim->plan);

	if (ret)
		return ret;
	sim->slices = fpr_sync_plan_slices(sim->plan, &count);
	sim->node = calloc(sim->nodes, sizeof(*sim->node));
	sim->connections =
		calloc((size_t)sim->nodes * sim->nodes * PROCESSES, sizeof(*sim->connections));
	sim->forward_ns = calloc(model->layer_count, sizeof(*sim->forward_ns));
	sim->layer_of = calloc(model->tensor_count, sizeof(*sim->layer_of));
	if (!sim->node || !sim->connections || !sim->forward_ns || !sim->layer_of)
		return -ENOMEM;
	sim_layers_ns(model, sim->job->constants, sim->job->step_s, sim->forward_ns);
	for (uint32_t i = 0; i < model->layer_count; i++) {
		const struct layer *layer = model->layers + i;

		for (uint32_t t = 0; t < layer->tensors; t++)
			sim->layer_of[layer->first + t] = i;
	}
	return open_nodes(sim);
}

static void close_sim(struct sim *sim)
{
	for (uint32_t i = 0; sim->node && i < sim->nodes; i++) {
		fpr_sync_core_destroy(sim->node[i].core);
		free(sim->node[i].missing);
	}
	free(sim->node);
	free(sim->connections);
	free(sim->forward_ns);
	free(sim->layer_of);
	free(sim->messages);
	agenda_close(&sim->agenda);
	fpr_sync_plan_destroy(sim->plan);
}

static void report(const struct sim *sim, struct sim_result *result)
{
	const double ns = (double)(sim->ended - sim->started);

	result->step_s = ns / 1e9 / sim->job->steps;
	result->rate = sim->model->batch / result->step_s;
	result->egress = (double)sim->node[0].link_busy / ns;
	result->server = (double)sim->node[0].server_busy / ns;
	result->messages = (double)sim->messages_sent / sim->job->steps / sim->nodes;
	result->events = sim->events;
}

int sim_run(const struct sim_job *job, struct sim_result *result)
{
	struct sim sim = {.job = job,
			  .model = job->model,
			  .nodes = job->config.ranks,
			  .message_free = NONE,
			  .ns_per_byte = 8 / (job->gbps * job->constants->efficiency),
			  .message_ns = (uint64_t)(job->constants->message_us * 1e3)};
	int ret = open_sim(&sim);

	if (!ret)
		ret = run(&sim);
	if (!ret)
		report(&sim, result);
	close_sim(&sim);
	return ret;
}

const char *sim_error(int error)
{
	static char text[96];

	if (error != -E2BIG)
		return strerror(-error);
	snprintf(text, sizeof(text), "a slice would be above %u bytes, or their number above 2^32",
		 FPR_SYNC_SLICE_MAX);
	return text;
}

int sim_tune(struct sim_job *job, int aside)
{
	struct fpr_sync_tuner tuner;
	struct sim_result result = {0};

	fpr_sync_tuner_init(&tuner, &job->config);
	if (!aside)
		tuner.aside = tuner.best;
	while (fpr_sync_tuner_next(&tuner, (uint64_t)(result.step_s * 1e9), &job->config)) {
		int ret = sim_run(job, &result);

		if (ret)
			return ret;
	}
	return 0;
}
