/* Generated from the protocol's registry: make generate. Don't edit. */

#include "internal.h"

#include <stddef.h>

static const tt_field fields_of_greeting[] = {
    {"server_nonce", TT_KIND_OCTETS, 0, 0, 16, offsetof(tt_greeting, server_nonce), 0},
    {"server_time", TT_KIND_U64, 0, 16, 8, offsetof(tt_greeting, server_time), 0},
    {"node", TT_KIND_IDENT, 0, 24, 16, offsetof(tt_greeting, node), 0},
    {"reserved", TT_KIND_RESERVED, 0, 40, 8, 0, 0},
};

static const tt_field fields_of_sign_on_request[] = {
    {"client_nonce", TT_KIND_OCTETS, 0, 0, 16, offsetof(tt_sign_on_request, client_nonce), 0},
    {"server_nonce", TT_KIND_OCTETS, 0, 16, 16, offsetof(tt_sign_on_request, server_nonce), 0},
    {"client_name", TT_KIND_IDENT, 0, 32, 32, offsetof(tt_sign_on_request, client_name), 0},
    {"wanted_in_flight", TT_KIND_U16, 0, 64, 2, offsetof(tt_sign_on_request, wanted_in_flight), 0},
    {"reserved", TT_KIND_RESERVED, 0, 66, 6, 0, 0},
};

static const tt_field fields_of_sign_on_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_sign_on_response, detail), 0},
    {"client_nonce", TT_KIND_OCTETS, 0, 32, 16, offsetof(tt_sign_on_response, client_nonce), 0},
    {"in_flight_limit", TT_KIND_U16, 0, 48, 2, offsetof(tt_sign_on_response, in_flight_limit), 0},
    {"heartbeat_s", TT_KIND_U16, 0, 50, 2, offsetof(tt_sign_on_response, heartbeat_s), 0},
    {"idle_s", TT_KIND_U16, 0, 52, 2, offsetof(tt_sign_on_response, idle_s), 0},
    {"generation", TT_KIND_U16, 0, 54, 2, offsetof(tt_sign_on_response, generation), 1},
    {"key_life_s", TT_KIND_U32, 0, 56, 4, offsetof(tt_sign_on_response, key_life_s), 0},
    {"mac_request_wrapped", TT_KIND_OCTETS, 0, 60, 40, offsetof(tt_sign_on_response, mac_request_wrapped), 0},
    {"mac_request_length", TT_KIND_U8, 0, 100, 1, offsetof(tt_sign_on_response, mac_request_length), 0},
    {"mac_request_check", TT_KIND_OCTETS, 0, 101, 3, offsetof(tt_sign_on_response, mac_request_check), 0},
    {"mac_response_wrapped", TT_KIND_OCTETS, 0, 104, 40, offsetof(tt_sign_on_response, mac_response_wrapped), 0},
    {"mac_response_length", TT_KIND_U8, 0, 144, 1, offsetof(tt_sign_on_response, mac_response_length), 0},
    {"mac_response_check", TT_KIND_OCTETS, 0, 145, 3, offsetof(tt_sign_on_response, mac_response_check), 0},
    {"field_request_wrapped", TT_KIND_OCTETS, 0, 148, 40, offsetof(tt_sign_on_response, field_request_wrapped), 0},
    {"field_request_length", TT_KIND_U8, 0, 188, 1, offsetof(tt_sign_on_response, field_request_length), 0},
    {"field_request_check", TT_KIND_OCTETS, 0, 189, 3, offsetof(tt_sign_on_response, field_request_check), 0},
    {"field_response_wrapped", TT_KIND_OCTETS, 0, 192, 40, offsetof(tt_sign_on_response, field_response_wrapped), 0},
    {"field_response_length", TT_KIND_U8, 0, 232, 1, offsetof(tt_sign_on_response, field_response_length), 0},
    {"field_response_check", TT_KIND_OCTETS, 0, 233, 3, offsetof(tt_sign_on_response, field_response_check), 0},
};

static const tt_field fields_of_key_change_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_key_change_response, detail), 0},
    {"generation", TT_KIND_U16, 0, 32, 2, offsetof(tt_key_change_response, generation), 0},
    {"reserved", TT_KIND_RESERVED, 0, 34, 2, 0, 0},
    {"key_life_s", TT_KIND_U32, 0, 36, 4, offsetof(tt_key_change_response, key_life_s), 0},
    {"mac_request_wrapped", TT_KIND_OCTETS, 0, 40, 40, offsetof(tt_key_change_response, mac_request_wrapped), 0},
    {"mac_request_length", TT_KIND_U8, 0, 80, 1, offsetof(tt_key_change_response, mac_request_length), 0},
    {"mac_request_check", TT_KIND_OCTETS, 0, 81, 3, offsetof(tt_key_change_response, mac_request_check), 0},
    {"mac_response_wrapped", TT_KIND_OCTETS, 0, 84, 40, offsetof(tt_key_change_response, mac_response_wrapped), 0},
    {"mac_response_length", TT_KIND_U8, 0, 124, 1, offsetof(tt_key_change_response, mac_response_length), 0},
    {"mac_response_check", TT_KIND_OCTETS, 0, 125, 3, offsetof(tt_key_change_response, mac_response_check), 0},
    {"field_request_wrapped", TT_KIND_OCTETS, 0, 128, 40, offsetof(tt_key_change_response, field_request_wrapped), 0},
    {"field_request_length", TT_KIND_U8, 0, 168, 1, offsetof(tt_key_change_response, field_request_length), 0},
    {"field_request_check", TT_KIND_OCTETS, 0, 169, 3, offsetof(tt_key_change_response, field_request_check), 0},
    {"field_response_wrapped", TT_KIND_OCTETS, 0, 172, 40, offsetof(tt_key_change_response, field_response_wrapped), 0},
    {"field_response_length", TT_KIND_U8, 0, 212, 1, offsetof(tt_key_change_response, field_response_length), 0},
    {"field_response_check", TT_KIND_OCTETS, 0, 213, 3, offsetof(tt_key_change_response, field_response_check), 0},
};

static const tt_field fields_of_drain[] = {
    {"grace_ms", TT_KIND_U32, 0, 0, 4, offsetof(tt_drain, grace_ms), 0},
    {"reserved", TT_KIND_RESERVED, 0, 4, 4, 0, 0},
};

static const tt_field fields_of_key_change_due[] = {
    {"grace_ms", TT_KIND_U32, 0, 0, 4, offsetof(tt_key_change_due, grace_ms), 0},
    {"reserved", TT_KIND_RESERVED, 0, 4, 4, 0, 0},
};

static const tt_field fields_of_register_user_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_register_user_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_register_user_request, customer), 0},
    {"reference", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_register_user_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 76, 16, offsetof(tt_register_user_request, operator_), 0},
    {"name", TT_KIND_TEXT, 1, 92, 64, offsetof(tt_register_user_request, name), 0},
    {"mobile", TT_KIND_IDENT, 1, 156, 20, offsetof(tt_register_user_request, mobile), 0},
    {"reserved", TT_KIND_PAD, 1, 176, 12, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 188, 32, 0, 0},
};

static const tt_field fields_of_user_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_user_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_user_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_user_response, entry_seq), 0},
    {"user_state", TT_KIND_U8, 0, 42, 1, offsetof(tt_user_response, user_state), 0},
    {"reserved", TT_KIND_RESERVED, 0, 43, 7, 0, 0},
};

static const tt_field fields_of_query_user_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_query_user_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_query_user_request, customer), 0},
};

static const tt_field fields_of_query_user_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_query_user_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_query_user_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_query_user_response, entry_seq), 0},
    {"user_state", TT_KIND_U8, 0, 42, 1, offsetof(tt_query_user_response, user_state), 0},
    {"token_count", TT_KIND_U8, 0, 43, 1, offsetof(tt_query_user_response, token_count), 0},
    {"reserved", TT_KIND_RESERVED, 0, 44, 6, 0, 0},
    {"registered_at", TT_KIND_U64, 0, 50, 8, offsetof(tt_query_user_response, registered_at), 0},
    {"token_1", TT_KIND_IDENT, 0, 58, 24, offsetof(tt_query_user_response, token_1), 0},
    {"token_1_state", TT_KIND_U8, 0, 82, 1, offsetof(tt_query_user_response, token_1_state), 0},
    {"token_2", TT_KIND_IDENT, 0, 83, 24, offsetof(tt_query_user_response, token_2), 0},
    {"token_2_state", TT_KIND_U8, 0, 107, 1, offsetof(tt_query_user_response, token_2_state), 0},
    {"token_3", TT_KIND_IDENT, 0, 108, 24, offsetof(tt_query_user_response, token_3), 0},
    {"token_3_state", TT_KIND_U8, 0, 132, 1, offsetof(tt_query_user_response, token_3_state), 0},
    {"token_4", TT_KIND_IDENT, 0, 133, 24, offsetof(tt_query_user_response, token_4), 0},
    {"token_4_state", TT_KIND_U8, 0, 157, 1, offsetof(tt_query_user_response, token_4_state), 0},
    {"token_5", TT_KIND_IDENT, 0, 158, 24, offsetof(tt_query_user_response, token_5), 0},
    {"token_5_state", TT_KIND_U8, 0, 182, 1, offsetof(tt_query_user_response, token_5_state), 0},
    {"token_6", TT_KIND_IDENT, 0, 183, 24, offsetof(tt_query_user_response, token_6), 0},
    {"token_6_state", TT_KIND_U8, 0, 207, 1, offsetof(tt_query_user_response, token_6_state), 0},
    {"token_7", TT_KIND_IDENT, 0, 208, 24, offsetof(tt_query_user_response, token_7), 0},
    {"token_7_state", TT_KIND_U8, 0, 232, 1, offsetof(tt_query_user_response, token_7_state), 0},
    {"token_8", TT_KIND_IDENT, 0, 233, 24, offsetof(tt_query_user_response, token_8), 0},
    {"token_8_state", TT_KIND_U8, 0, 257, 1, offsetof(tt_query_user_response, token_8_state), 0},
    {"name", TT_KIND_TEXT, 1, 258, 64, offsetof(tt_query_user_response, name), 0},
    {"mobile", TT_KIND_IDENT, 1, 322, 20, offsetof(tt_query_user_response, mobile), 0},
    {"reserved", TT_KIND_PAD, 1, 342, 12, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 354, 32, 0, 0},
};

static const tt_field fields_of_close_user_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_close_user_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_close_user_request, customer), 0},
    {"reference", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_close_user_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 76, 16, offsetof(tt_close_user_request, operator_), 0},
    {"reason", TT_KIND_TEXT, 0, 92, 48, offsetof(tt_close_user_request, reason), 0},
};

static const tt_field fields_of_bind_token_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_bind_token_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_bind_token_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_bind_token_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_bind_token_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 100, 16, offsetof(tt_bind_token_request, operator_), 0},
    {"otp", TT_KIND_DIGITS, 1, 116, 10, offsetof(tt_bind_token_request, otp), 0},
    {"reserved", TT_KIND_PAD, 1, 126, 6, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 132, 32, 0, 0},
};

static const tt_field fields_of_token_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_token_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_token_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_token_response, entry_seq), 0},
    {"token", TT_KIND_IDENT, 0, 42, 24, offsetof(tt_token_response, token), 0},
    {"token_state", TT_KIND_U8, 0, 66, 1, offsetof(tt_token_response, token_state), 0},
    {"remaining_tries", TT_KIND_U8, 0, 67, 1, offsetof(tt_token_response, remaining_tries), 255},
    {"reserved", TT_KIND_RESERVED, 0, 68, 6, 0, 0},
    {"locked_until", TT_KIND_U64, 0, 74, 8, offsetof(tt_token_response, locked_until), 0},
};

static const tt_field fields_of_token_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_token_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_token_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_token_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_token_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 100, 16, offsetof(tt_token_request, operator_), 0},
    {"reason", TT_KIND_TEXT, 0, 116, 48, offsetof(tt_token_request, reason), 0},
};

static const tt_field fields_of_resync_token_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_resync_token_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_resync_token_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_resync_token_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_resync_token_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 100, 16, offsetof(tt_resync_token_request, operator_), 0},
    {"otp_1", TT_KIND_DIGITS, 1, 116, 10, offsetof(tt_resync_token_request, otp_1), 0},
    {"otp_2", TT_KIND_DIGITS, 1, 126, 10, offsetof(tt_resync_token_request, otp_2), 0},
    {"reserved", TT_KIND_PAD, 1, 136, 12, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 148, 32, 0, 0},
};

static const tt_field fields_of_replace_token_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_replace_token_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_replace_token_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_replace_token_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_replace_token_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 100, 16, offsetof(tt_replace_token_request, operator_), 0},
    {"new_token", TT_KIND_IDENT, 0, 116, 24, offsetof(tt_replace_token_request, new_token), 0},
    {"reason", TT_KIND_TEXT, 0, 140, 48, offsetof(tt_replace_token_request, reason), 0},
    {"assign", TT_KIND_U8, 0, 188, 1, offsetof(tt_replace_token_request, assign), 0},
    {"carry_pin", TT_KIND_U8, 0, 189, 1, offsetof(tt_replace_token_request, carry_pin), 0},
    {"reserved", TT_KIND_RESERVED, 0, 190, 6, 0, 0},
    {"otp", TT_KIND_DIGITS, 1, 196, 10, offsetof(tt_replace_token_request, otp), 0},
    {"reserved", TT_KIND_PAD, 1, 206, 6, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 212, 32, 0, 0},
};

static const tt_field fields_of_replace_token_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_replace_token_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_replace_token_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_replace_token_response, entry_seq), 0},
    {"token", TT_KIND_IDENT, 0, 42, 24, offsetof(tt_replace_token_response, token), 0},
    {"token_state", TT_KIND_U8, 0, 66, 1, offsetof(tt_replace_token_response, token_state), 0},
    {"remaining_tries", TT_KIND_U8, 0, 67, 1, offsetof(tt_replace_token_response, remaining_tries), 255},
    {"reserved", TT_KIND_RESERVED, 0, 68, 6, 0, 0},
    {"locked_until", TT_KIND_U64, 0, 74, 8, offsetof(tt_replace_token_response, locked_until), 0},
    {"new_token", TT_KIND_IDENT, 0, 82, 24, offsetof(tt_replace_token_response, new_token), 0},
    {"new_token_state", TT_KIND_U8, 0, 106, 1, offsetof(tt_replace_token_response, new_token_state), 0},
    {"pin_carried", TT_KIND_U8, 0, 107, 1, offsetof(tt_replace_token_response, pin_carried), 0},
    {"reserved", TT_KIND_RESERVED, 0, 108, 6, 0, 0},
};

static const tt_field fields_of_activate_token_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_activate_token_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_activate_token_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_activate_token_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_activate_token_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 100, 16, offsetof(tt_activate_token_request, operator_), 0},
    {"otp", TT_KIND_DIGITS, 1, 116, 10, offsetof(tt_activate_token_request, otp), 0},
    {"activation_code", TT_KIND_IDENT, 1, 126, 24, offsetof(tt_activate_token_request, activation_code), 0},
    {"reserved", TT_KIND_PAD, 1, 150, 14, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 164, 32, 0, 0},
};

static const tt_field fields_of_query_token_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_query_token_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_query_token_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_query_token_request, token), 0},
};

static const tt_field fields_of_query_token_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_query_token_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_query_token_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_query_token_response, entry_seq), 0},
    {"token", TT_KIND_IDENT, 0, 42, 24, offsetof(tt_query_token_response, token), 0},
    {"token_state", TT_KIND_U8, 0, 66, 1, offsetof(tt_query_token_response, token_state), 0},
    {"remaining_tries", TT_KIND_U8, 0, 67, 1, offsetof(tt_query_token_response, remaining_tries), 255},
    {"reserved", TT_KIND_RESERVED, 0, 68, 6, 0, 0},
    {"locked_until", TT_KIND_U64, 0, 74, 8, offsetof(tt_query_token_response, locked_until), 0},
    {"token_type", TT_KIND_IDENT, 0, 82, 32, offsetof(tt_query_token_response, token_type), 0},
    {"replaced_by", TT_KIND_IDENT, 0, 114, 24, offsetof(tt_query_token_response, replaced_by), 0},
    {"cells_left", TT_KIND_U16, 0, 138, 2, offsetof(tt_query_token_response, cells_left), 65535},
    {"reserved", TT_KIND_RESERVED, 0, 140, 6, 0, 0},
    {"valid_from", TT_KIND_U64, 0, 146, 8, offsetof(tt_query_token_response, valid_from), 0},
    {"valid_to", TT_KIND_U64, 0, 154, 8, offsetof(tt_query_token_response, valid_to), 0},
    {"activation_until", TT_KIND_U64, 0, 162, 8, offsetof(tt_query_token_response, activation_until), 0},
    {"emergency_until", TT_KIND_U64, 0, 170, 8, offsetof(tt_query_token_response, emergency_until), 0},
};

static const tt_field fields_of_start_activation_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_start_activation_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_start_activation_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_start_activation_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_start_activation_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 100, 16, offsetof(tt_start_activation_request, operator_), 0},
    {"valid_s", TT_KIND_U32, 0, 116, 4, offsetof(tt_start_activation_request, valid_s), 0},
    {"reserved", TT_KIND_RESERVED, 0, 120, 4, 0, 0},
};

static const tt_field fields_of_start_activation_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_start_activation_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_start_activation_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_start_activation_response, entry_seq), 0},
    {"token", TT_KIND_IDENT, 0, 42, 24, offsetof(tt_start_activation_response, token), 0},
    {"token_state", TT_KIND_U8, 0, 66, 1, offsetof(tt_start_activation_response, token_state), 0},
    {"reserved", TT_KIND_RESERVED, 0, 67, 7, 0, 0},
    {"expires_at", TT_KIND_U64, 0, 74, 8, offsetof(tt_start_activation_response, expires_at), 0},
    {"uri", TT_KIND_IDENT, 1, 82, 304, offsetof(tt_start_activation_response, uri), 0},
    {"reserved", TT_KIND_PAD, 1, 386, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 402, 32, 0, 0},
};

static const tt_field fields_of_issue_activation_code_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_issue_activation_code_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_issue_activation_code_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_issue_activation_code_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_issue_activation_code_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 100, 16, offsetof(tt_issue_activation_code_request, operator_), 0},
};

static const tt_field fields_of_issue_activation_code_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_issue_activation_code_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_issue_activation_code_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_issue_activation_code_response, entry_seq), 0},
    {"token", TT_KIND_IDENT, 0, 42, 24, offsetof(tt_issue_activation_code_response, token), 0},
    {"token_state", TT_KIND_U8, 0, 66, 1, offsetof(tt_issue_activation_code_response, token_state), 0},
    {"remaining_tries", TT_KIND_U8, 0, 67, 1, offsetof(tt_issue_activation_code_response, remaining_tries), 255},
    {"reserved", TT_KIND_RESERVED, 0, 68, 6, 0, 0},
    {"expires_at", TT_KIND_U64, 0, 74, 8, offsetof(tt_issue_activation_code_response, expires_at), 0},
    {"activation_code", TT_KIND_IDENT, 1, 82, 24, offsetof(tt_issue_activation_code_response, activation_code), 0},
    {"reserved", TT_KIND_PAD, 1, 106, 8, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 114, 32, 0, 0},
};

static const tt_field fields_of_issue_emergency_code_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_issue_emergency_code_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_issue_emergency_code_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_issue_emergency_code_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_issue_emergency_code_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 100, 16, offsetof(tt_issue_emergency_code_request, operator_), 0},
    {"reason", TT_KIND_TEXT, 0, 116, 48, offsetof(tt_issue_emergency_code_request, reason), 0},
    {"uses", TT_KIND_U8, 0, 164, 1, offsetof(tt_issue_emergency_code_request, uses), 0},
    {"reserved", TT_KIND_RESERVED, 0, 165, 3, 0, 0},
    {"valid_s", TT_KIND_U32, 0, 168, 4, offsetof(tt_issue_emergency_code_request, valid_s), 0},
};

static const tt_field fields_of_issue_emergency_code_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_issue_emergency_code_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_issue_emergency_code_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_issue_emergency_code_response, entry_seq), 0},
    {"token", TT_KIND_IDENT, 0, 42, 24, offsetof(tt_issue_emergency_code_response, token), 0},
    {"token_state", TT_KIND_U8, 0, 66, 1, offsetof(tt_issue_emergency_code_response, token_state), 0},
    {"uses_left", TT_KIND_U8, 0, 67, 1, offsetof(tt_issue_emergency_code_response, uses_left), 0},
    {"reserved", TT_KIND_RESERVED, 0, 68, 6, 0, 0},
    {"expires_at", TT_KIND_U64, 0, 74, 8, offsetof(tt_issue_emergency_code_response, expires_at), 0},
    {"emergency_code", TT_KIND_DIGITS, 1, 82, 10, offsetof(tt_issue_emergency_code_response, emergency_code), 0},
    {"reserved", TT_KIND_PAD, 1, 92, 6, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 98, 32, 0, 0},
};

static const tt_field fields_of_verify_emergency_code_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_verify_emergency_code_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_verify_emergency_code_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_verify_emergency_code_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_verify_emergency_code_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 100, 40, offsetof(tt_verify_emergency_code_request, end_user_address), 0},
    {"otp", TT_KIND_DIGITS, 1, 140, 10, offsetof(tt_verify_emergency_code_request, otp), 0},
    {"reserved", TT_KIND_PAD, 1, 150, 6, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 156, 32, 0, 0},
};

static const tt_field fields_of_verify_emergency_code_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_verify_emergency_code_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_verify_emergency_code_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_verify_emergency_code_response, entry_seq), 0},
    {"token", TT_KIND_IDENT, 0, 42, 24, offsetof(tt_verify_emergency_code_response, token), 0},
    {"token_state", TT_KIND_U8, 0, 66, 1, offsetof(tt_verify_emergency_code_response, token_state), 0},
    {"remaining_tries", TT_KIND_U8, 0, 67, 1, offsetof(tt_verify_emergency_code_response, remaining_tries), 255},
    {"uses_left", TT_KIND_U8, 0, 68, 1, offsetof(tt_verify_emergency_code_response, uses_left), 0},
    {"reserved", TT_KIND_RESERVED, 0, 69, 5, 0, 0},
    {"locked_until", TT_KIND_U64, 0, 74, 8, offsetof(tt_verify_emergency_code_response, locked_until), 0},
    {"expires_at", TT_KIND_U64, 0, 82, 8, offsetof(tt_verify_emergency_code_response, expires_at), 0},
};

static const tt_field fields_of_ask_card_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_ask_card_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_ask_card_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_ask_card_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_ask_card_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 100, 40, offsetof(tt_ask_card_request, end_user_address), 0},
};

static const tt_field fields_of_ask_card_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_ask_card_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_ask_card_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_ask_card_response, entry_seq), 0},
    {"token", TT_KIND_IDENT, 0, 42, 24, offsetof(tt_ask_card_response, token), 0},
    {"challenge", TT_KIND_IDENT, 0, 66, 32, offsetof(tt_ask_card_response, challenge), 0},
    {"cells", TT_KIND_IDENT, 0, 98, 40, offsetof(tt_ask_card_response, cells), 0},
    {"cell_digits", TT_KIND_U8, 0, 138, 1, offsetof(tt_ask_card_response, cell_digits), 0},
    {"reserved", TT_KIND_RESERVED, 0, 139, 1, 0, 0},
    {"cells_left", TT_KIND_U16, 0, 140, 2, offsetof(tt_ask_card_response, cells_left), 65535},
    {"reserved", TT_KIND_RESERVED, 0, 142, 4, 0, 0},
    {"expires_at", TT_KIND_U64, 0, 146, 8, offsetof(tt_ask_card_response, expires_at), 0},
};

static const tt_field fields_of_verify_card_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_verify_card_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_verify_card_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_verify_card_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_verify_card_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 100, 40, offsetof(tt_verify_card_request, end_user_address), 0},
    {"challenge", TT_KIND_IDENT, 0, 140, 32, offsetof(tt_verify_card_request, challenge), 0},
    {"answer", TT_KIND_DIGITS, 1, 172, 16, offsetof(tt_verify_card_request, answer), 0},
    {"reserved", TT_KIND_PAD, 1, 188, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 204, 32, 0, 0},
};

static const tt_field fields_of_verify_card_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_verify_card_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_verify_card_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_verify_card_response, entry_seq), 0},
    {"token", TT_KIND_IDENT, 0, 42, 24, offsetof(tt_verify_card_response, token), 0},
    {"token_state", TT_KIND_U8, 0, 66, 1, offsetof(tt_verify_card_response, token_state), 0},
    {"remaining_tries", TT_KIND_U8, 0, 67, 1, offsetof(tt_verify_card_response, remaining_tries), 255},
    {"reserved", TT_KIND_RESERVED, 0, 68, 6, 0, 0},
    {"locked_until", TT_KIND_U64, 0, 74, 8, offsetof(tt_verify_card_response, locked_until), 0},
    {"cells_left", TT_KIND_U16, 0, 82, 2, offsetof(tt_verify_card_response, cells_left), 65535},
    {"reserved", TT_KIND_RESERVED, 0, 84, 6, 0, 0},
};

static const tt_field fields_of_verify_otp_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_verify_otp_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_verify_otp_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_verify_otp_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_verify_otp_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 100, 40, offsetof(tt_verify_otp_request, end_user_address), 0},
    {"otp", TT_KIND_DIGITS, 1, 140, 10, offsetof(tt_verify_otp_request, otp), 0},
    {"reserved", TT_KIND_PAD, 1, 150, 6, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 156, 32, 0, 0},
};

static const tt_field fields_of_verify_otp_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_verify_otp_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_verify_otp_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_verify_otp_response, entry_seq), 0},
    {"token", TT_KIND_IDENT, 0, 42, 24, offsetof(tt_verify_otp_response, token), 0},
    {"token_state", TT_KIND_U8, 0, 66, 1, offsetof(tt_verify_otp_response, token_state), 0},
    {"remaining_tries", TT_KIND_U8, 0, 67, 1, offsetof(tt_verify_otp_response, remaining_tries), 255},
    {"reserved", TT_KIND_RESERVED, 0, 68, 6, 0, 0},
    {"locked_until", TT_KIND_U64, 0, 74, 8, offsetof(tt_verify_otp_response, locked_until), 0},
};

static const tt_field fields_of_verify_pin_otp_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_verify_pin_otp_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_verify_pin_otp_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_verify_pin_otp_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_verify_pin_otp_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 100, 40, offsetof(tt_verify_pin_otp_request, end_user_address), 0},
    {"otp", TT_KIND_DIGITS, 1, 140, 10, offsetof(tt_verify_pin_otp_request, otp), 0},
    {"pin", TT_KIND_DIGITS, 1, 150, 12, offsetof(tt_verify_pin_otp_request, pin), 0},
    {"reserved", TT_KIND_PAD, 1, 162, 10, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 172, 32, 0, 0},
};

static const tt_field fields_of_set_token_pin_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_set_token_pin_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_set_token_pin_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_set_token_pin_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_set_token_pin_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 100, 40, offsetof(tt_set_token_pin_request, end_user_address), 0},
    {"operator", TT_KIND_IDENT, 0, 140, 16, offsetof(tt_set_token_pin_request, operator_), 0},
    {"reason", TT_KIND_TEXT, 0, 156, 48, offsetof(tt_set_token_pin_request, reason), 0},
    {"pin", TT_KIND_DIGITS, 1, 204, 12, offsetof(tt_set_token_pin_request, pin), 0},
    {"new_pin", TT_KIND_DIGITS, 1, 216, 12, offsetof(tt_set_token_pin_request, new_pin), 0},
    {"reserved", TT_KIND_PAD, 1, 228, 8, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 236, 32, 0, 0},
};

static const tt_field fields_of_verify_mschapv2_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_verify_mschapv2_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_verify_mschapv2_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_verify_mschapv2_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_verify_mschapv2_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 100, 40, offsetof(tt_verify_mschapv2_request, end_user_address), 0},
    {"user_name", TT_KIND_TEXT, 0, 140, 64, offsetof(tt_verify_mschapv2_request, user_name), 0},
    {"authenticator_challenge", TT_KIND_OCTETS, 0, 204, 16, offsetof(tt_verify_mschapv2_request, authenticator_challenge), 0},
    {"peer_challenge", TT_KIND_OCTETS, 0, 220, 16, offsetof(tt_verify_mschapv2_request, peer_challenge), 0},
    {"nt_response", TT_KIND_OCTETS, 0, 236, 24, offsetof(tt_verify_mschapv2_request, nt_response), 0},
};

static const tt_field fields_of_verify_mschapv2_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_verify_mschapv2_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_verify_mschapv2_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_verify_mschapv2_response, entry_seq), 0},
    {"token", TT_KIND_IDENT, 0, 42, 24, offsetof(tt_verify_mschapv2_response, token), 0},
    {"token_state", TT_KIND_U8, 0, 66, 1, offsetof(tt_verify_mschapv2_response, token_state), 0},
    {"remaining_tries", TT_KIND_U8, 0, 67, 1, offsetof(tt_verify_mschapv2_response, remaining_tries), 255},
    {"reserved", TT_KIND_RESERVED, 0, 68, 6, 0, 0},
    {"locked_until", TT_KIND_U64, 0, 74, 8, offsetof(tt_verify_mschapv2_response, locked_until), 0},
    {"authenticator_response", TT_KIND_IDENT, 0, 82, 42, offsetof(tt_verify_mschapv2_response, authenticator_response), 0},
};

static const tt_field fields_of_verify_chap_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_verify_chap_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_verify_chap_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_verify_chap_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_verify_chap_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 100, 40, offsetof(tt_verify_chap_request, end_user_address), 0},
    {"identifier", TT_KIND_U8, 0, 140, 1, offsetof(tt_verify_chap_request, identifier), 0},
    {"reserved", TT_KIND_RESERVED, 0, 141, 7, 0, 0},
    {"authenticator_challenge", TT_KIND_OCTETS, 0, 148, 16, offsetof(tt_verify_chap_request, authenticator_challenge), 0},
    {"chap_response", TT_KIND_OCTETS, 0, 164, 16, offsetof(tt_verify_chap_request, chap_response), 0},
};

static const tt_field fields_of_issue_ocra_challenge_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_issue_ocra_challenge_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_issue_ocra_challenge_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_issue_ocra_challenge_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_issue_ocra_challenge_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 100, 40, offsetof(tt_issue_ocra_challenge_request, end_user_address), 0},
    {"question", TT_KIND_IDENT, 0, 140, 64, offsetof(tt_issue_ocra_challenge_request, question), 0},
    {"text_digest", TT_KIND_OCTETS, 0, 204, 32, offsetof(tt_issue_ocra_challenge_request, text_digest), 0},
    {"session", TT_KIND_TEXT, 0, 236, 512, offsetof(tt_issue_ocra_challenge_request, session), 0},
};

static const tt_field fields_of_issue_ocra_challenge_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_issue_ocra_challenge_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_issue_ocra_challenge_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_issue_ocra_challenge_response, entry_seq), 0},
    {"token", TT_KIND_IDENT, 0, 42, 24, offsetof(tt_issue_ocra_challenge_response, token), 0},
    {"challenge", TT_KIND_IDENT, 0, 66, 32, offsetof(tt_issue_ocra_challenge_response, challenge), 0},
    {"question", TT_KIND_IDENT, 0, 98, 64, offsetof(tt_issue_ocra_challenge_response, question), 0},
    {"expires_at", TT_KIND_U64, 0, 162, 8, offsetof(tt_issue_ocra_challenge_response, expires_at), 0},
};

static const tt_field fields_of_verify_ocra_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_verify_ocra_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_verify_ocra_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_verify_ocra_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_verify_ocra_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 100, 40, offsetof(tt_verify_ocra_request, end_user_address), 0},
    {"challenge", TT_KIND_IDENT, 0, 140, 32, offsetof(tt_verify_ocra_request, challenge), 0},
    {"question", TT_KIND_IDENT, 0, 172, 64, offsetof(tt_verify_ocra_request, question), 0},
    {"session", TT_KIND_TEXT, 0, 236, 512, offsetof(tt_verify_ocra_request, session), 0},
    {"answer", TT_KIND_IDENT, 1, 748, 128, offsetof(tt_verify_ocra_request, answer), 0},
    {"pin", TT_KIND_DIGITS, 1, 876, 12, offsetof(tt_verify_ocra_request, pin), 0},
    {"reserved", TT_KIND_PAD, 1, 888, 4, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 892, 32, 0, 0},
};

static const tt_field fields_of_verify_ocra_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_verify_ocra_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_verify_ocra_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_verify_ocra_response, entry_seq), 0},
    {"token", TT_KIND_IDENT, 0, 42, 24, offsetof(tt_verify_ocra_response, token), 0},
    {"token_state", TT_KIND_U8, 0, 66, 1, offsetof(tt_verify_ocra_response, token_state), 0},
    {"remaining_tries", TT_KIND_U8, 0, 67, 1, offsetof(tt_verify_ocra_response, remaining_tries), 255},
    {"reserved", TT_KIND_RESERVED, 0, 68, 6, 0, 0},
    {"locked_until", TT_KIND_U64, 0, 74, 8, offsetof(tt_verify_ocra_response, locked_until), 0},
    {"question", TT_KIND_IDENT, 0, 82, 64, offsetof(tt_verify_ocra_response, question), 0},
    {"text_digest", TT_KIND_OCTETS, 0, 146, 32, offsetof(tt_verify_ocra_response, text_digest), 0},
};

static const tt_field fields_of_host_code_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_host_code_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_host_code_request, customer), 0},
    {"token", TT_KIND_IDENT, 0, 44, 24, offsetof(tt_host_code_request, token), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_host_code_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 100, 40, offsetof(tt_host_code_request, end_user_address), 0},
    {"question", TT_KIND_IDENT, 0, 140, 64, offsetof(tt_host_code_request, question), 0},
    {"text_digest", TT_KIND_OCTETS, 0, 204, 32, offsetof(tt_host_code_request, text_digest), 0},
    {"session", TT_KIND_TEXT, 0, 236, 512, offsetof(tt_host_code_request, session), 0},
};

static const tt_field fields_of_host_code_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_host_code_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_host_code_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_host_code_response, entry_seq), 0},
    {"token", TT_KIND_IDENT, 0, 42, 24, offsetof(tt_host_code_response, token), 0},
    {"challenge", TT_KIND_IDENT, 0, 66, 32, offsetof(tt_host_code_response, challenge), 0},
    {"question", TT_KIND_IDENT, 0, 98, 64, offsetof(tt_host_code_response, question), 0},
    {"expires_at", TT_KIND_U64, 0, 162, 8, offsetof(tt_host_code_response, expires_at), 0},
    {"host_code", TT_KIND_IDENT, 1, 170, 128, offsetof(tt_host_code_response, host_code), 0},
    {"reserved", TT_KIND_PAD, 1, 298, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 314, 32, 0, 0},
};

static const tt_field fields_of_query_serial_request[] = {
    {"channel", TT_KIND_U32, 0, 0, 4, offsetof(tt_query_serial_request, channel), 0},
    {"business_day", TT_KIND_U16, 0, 4, 2, offsetof(tt_query_serial_request, business_day), 0},
    {"reserved", TT_KIND_RESERVED, 0, 6, 2, 0, 0},
    {"serial", TT_KIND_U64, 0, 8, 8, offsetof(tt_query_serial_request, serial), 0},
};

static const tt_field fields_of_query_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_query_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_query_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_query_response, entry_seq), 0},
    {"of_state", TT_KIND_U8, 0, 42, 1, offsetof(tt_query_response, of_state), 0},
    {"reserved", TT_KIND_RESERVED, 0, 43, 1, 0, 0},
    {"of_transaction", TT_KIND_U16, 0, 44, 2, offsetof(tt_query_response, of_transaction), 0},
    {"of_result", TT_KIND_U32, 0, 46, 4, offsetof(tt_query_response, of_result), 0},
    {"of_time", TT_KIND_U64, 0, 50, 8, offsetof(tt_query_response, of_time), 0},
    {"of_serial", TT_KIND_U64, 0, 58, 8, offsetof(tt_query_response, of_serial), 0},
    {"of_shard", TT_KIND_U16, 0, 66, 2, offsetof(tt_query_response, of_shard), 65535},
    {"reserved", TT_KIND_RESERVED, 0, 68, 6, 0, 0},
    {"of_seq", TT_KIND_U64, 0, 74, 8, offsetof(tt_query_response, of_seq), 0},
    {"method", TT_KIND_IDENT, 0, 82, 16, offsetof(tt_query_response, method), 0},
    {"token", TT_KIND_IDENT, 0, 98, 24, offsetof(tt_query_response, token), 0},
    {"customer", TT_KIND_IDENT, 0, 122, 32, offsetof(tt_query_response, customer), 0},
    {"reference", TT_KIND_IDENT, 0, 154, 32, offsetof(tt_query_response, reference), 0},
};

static const tt_field fields_of_query_reference_request[] = {
    {"channel", TT_KIND_U32, 0, 0, 4, offsetof(tt_query_reference_request, channel), 0},
    {"business_day", TT_KIND_U16, 0, 4, 2, offsetof(tt_query_reference_request, business_day), 0},
    {"reserved", TT_KIND_RESERVED, 0, 6, 2, 0, 0},
    {"reference", TT_KIND_IDENT, 0, 8, 32, offsetof(tt_query_reference_request, reference), 0},
};

static const tt_field fields_of_cancel_serial_request[] = {
    {"business_day", TT_KIND_U16, 0, 0, 2, offsetof(tt_cancel_serial_request, business_day), 0},
    {"reserved", TT_KIND_RESERVED, 0, 2, 6, 0, 0},
    {"serial", TT_KIND_U64, 0, 8, 8, offsetof(tt_cancel_serial_request, serial), 0},
    {"operator", TT_KIND_IDENT, 0, 16, 16, offsetof(tt_cancel_serial_request, operator_), 0},
    {"reason", TT_KIND_TEXT, 0, 32, 48, offsetof(tt_cancel_serial_request, reason), 0},
};

static const tt_field fields_of_begin_flow_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_begin_flow_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_begin_flow_request, customer), 0},
    {"policy", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_begin_flow_request, policy), 0},
    {"deadline_s", TT_KIND_U32, 0, 76, 4, offsetof(tt_begin_flow_request, deadline_s), 0},
    {"channel_1", TT_KIND_U32, 0, 80, 4, offsetof(tt_begin_flow_request, channel_1), 0},
    {"channel_2", TT_KIND_U32, 0, 84, 4, offsetof(tt_begin_flow_request, channel_2), 0},
    {"channel_3", TT_KIND_U32, 0, 88, 4, offsetof(tt_begin_flow_request, channel_3), 0},
    {"channel_4", TT_KIND_U32, 0, 92, 4, offsetof(tt_begin_flow_request, channel_4), 0},
    {"reference", TT_KIND_IDENT, 0, 96, 32, offsetof(tt_begin_flow_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 128, 16, offsetof(tt_begin_flow_request, operator_), 0},
};

static const tt_field fields_of_flow_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_flow_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_flow_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_flow_response, entry_seq), 0},
    {"flow", TT_KIND_IDENT, 0, 42, 32, offsetof(tt_flow_response, flow), 0},
    {"flow_state", TT_KIND_U8, 0, 74, 1, offsetof(tt_flow_response, flow_state), 0},
    {"token_state", TT_KIND_U8, 0, 75, 1, offsetof(tt_flow_response, token_state), 0},
    {"remaining_tries", TT_KIND_U8, 0, 76, 1, offsetof(tt_flow_response, remaining_tries), 255},
    {"reserved", TT_KIND_RESERVED, 0, 77, 1, 0, 0},
    {"factor_transaction", TT_KIND_U16, 0, 78, 2, offsetof(tt_flow_response, factor_transaction), 0},
    {"reserved", TT_KIND_RESERVED, 0, 80, 2, 0, 0},
    {"factor_result", TT_KIND_U32, 0, 82, 4, offsetof(tt_flow_response, factor_result), 0},
    {"factor", TT_KIND_IDENT, 0, 86, 16, offsetof(tt_flow_response, factor), 0},
    {"token", TT_KIND_IDENT, 0, 102, 24, offsetof(tt_flow_response, token), 0},
    {"expires_at", TT_KIND_U64, 0, 126, 8, offsetof(tt_flow_response, expires_at), 0},
    {"locked_until", TT_KIND_U64, 0, 134, 8, offsetof(tt_flow_response, locked_until), 0},
    {"proven", TT_KIND_IDENT, 0, 142, 104, offsetof(tt_flow_response, proven), 0},
    {"wanted", TT_KIND_IDENT, 0, 246, 104, offsetof(tt_flow_response, wanted), 0},
    {"authenticator_response", TT_KIND_IDENT, 0, 350, 42, offsetof(tt_flow_response, authenticator_response), 0},
    {"reserved", TT_KIND_RESERVED, 0, 392, 6, 0, 0},
    {"question", TT_KIND_IDENT, 0, 398, 64, offsetof(tt_flow_response, question), 0},
    {"text_digest", TT_KIND_OCTETS, 0, 462, 32, offsetof(tt_flow_response, text_digest), 0},
};

static const tt_field fields_of_begin_own_flow_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_begin_own_flow_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_begin_own_flow_request, customer), 0},
    {"expression", TT_KIND_TEXT, 0, 44, 192, offsetof(tt_begin_own_flow_request, expression), 0},
    {"deadline_s", TT_KIND_U32, 0, 236, 4, offsetof(tt_begin_own_flow_request, deadline_s), 0},
    {"channel_1", TT_KIND_U32, 0, 240, 4, offsetof(tt_begin_own_flow_request, channel_1), 0},
    {"channel_2", TT_KIND_U32, 0, 244, 4, offsetof(tt_begin_own_flow_request, channel_2), 0},
    {"channel_3", TT_KIND_U32, 0, 248, 4, offsetof(tt_begin_own_flow_request, channel_3), 0},
    {"channel_4", TT_KIND_U32, 0, 252, 4, offsetof(tt_begin_own_flow_request, channel_4), 0},
    {"reference", TT_KIND_IDENT, 0, 256, 32, offsetof(tt_begin_own_flow_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 288, 16, offsetof(tt_begin_own_flow_request, operator_), 0},
};

static const tt_field fields_of_flow_step_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_flow_step_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_flow_step_request, customer), 0},
    {"flow", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_flow_step_request, flow), 0},
    {"factor", TT_KIND_IDENT, 0, 76, 16, offsetof(tt_flow_step_request, factor), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 92, 40, offsetof(tt_flow_step_request, end_user_address), 0},
    {"factor_schema", TT_KIND_U16, 0, 132, 2, offsetof(tt_flow_step_request, factor_schema), 1},
    {"reserved", TT_KIND_RESERVED, 0, 134, 6, 0, 0},
    {"factor_body", TT_KIND_OCTETS, 1, 140, 1008, offsetof(tt_flow_step_request, factor_body), 0},
    {"reserved", TT_KIND_PAD, 1, 1148, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 1164, 32, 0, 0},
};

static const tt_field fields_of_query_flow_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_query_flow_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_query_flow_request, customer), 0},
    {"flow", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_query_flow_request, flow), 0},
};

static const tt_field fields_of_flow_query_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_flow_query_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_flow_query_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_flow_query_response, entry_seq), 0},
    {"flow", TT_KIND_IDENT, 0, 42, 32, offsetof(tt_flow_query_response, flow), 0},
    {"flow_state", TT_KIND_U8, 0, 74, 1, offsetof(tt_flow_query_response, flow_state), 0},
    {"failures", TT_KIND_U8, 0, 75, 1, offsetof(tt_flow_query_response, failures), 0},
    {"reserved", TT_KIND_RESERVED, 0, 76, 2, 0, 0},
    {"began_channel", TT_KIND_U32, 0, 78, 4, offsetof(tt_flow_query_response, began_channel), 0},
    {"began_at", TT_KIND_U64, 0, 82, 8, offsetof(tt_flow_query_response, began_at), 0},
    {"expires_at", TT_KIND_U64, 0, 90, 8, offsetof(tt_flow_query_response, expires_at), 0},
    {"ended_at", TT_KIND_U64, 0, 98, 8, offsetof(tt_flow_query_response, ended_at), 0},
    {"customer", TT_KIND_IDENT, 0, 106, 32, offsetof(tt_flow_query_response, customer), 0},
    {"policy", TT_KIND_IDENT, 0, 138, 32, offsetof(tt_flow_query_response, policy), 0},
    {"reference", TT_KIND_IDENT, 0, 170, 32, offsetof(tt_flow_query_response, reference), 0},
    {"proven", TT_KIND_IDENT, 0, 202, 104, offsetof(tt_flow_query_response, proven), 0},
    {"wanted", TT_KIND_IDENT, 0, 306, 104, offsetof(tt_flow_query_response, wanted), 0},
    {"expression", TT_KIND_TEXT, 0, 410, 192, offsetof(tt_flow_query_response, expression), 0},
};

static const tt_field fields_of_cancel_flow_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_cancel_flow_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_cancel_flow_request, customer), 0},
    {"flow", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_cancel_flow_request, flow), 0},
    {"operator", TT_KIND_IDENT, 0, 76, 16, offsetof(tt_cancel_flow_request, operator_), 0},
    {"reason", TT_KIND_TEXT, 0, 92, 48, offsetof(tt_cancel_flow_request, reason), 0},
};

static const tt_field fields_of_phone_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_phone_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_phone_request, customer), 0},
    {"reference", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_phone_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 76, 16, offsetof(tt_phone_request, operator_), 0},
    {"language", TT_KIND_IDENT, 0, 92, 4, offsetof(tt_phone_request, language), 0},
    {"reserved", TT_KIND_RESERVED, 0, 96, 4, 0, 0},
    {"mobile", TT_KIND_IDENT, 1, 100, 20, offsetof(tt_phone_request, mobile), 0},
    {"reserved", TT_KIND_PAD, 1, 120, 12, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 132, 32, 0, 0},
};

static const tt_field fields_of_phone_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_phone_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_phone_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_phone_response, entry_seq), 0},
    {"phone_state", TT_KIND_U8, 0, 42, 1, offsetof(tt_phone_response, phone_state), 0},
    {"remaining_tries", TT_KIND_U8, 0, 43, 1, offsetof(tt_phone_response, remaining_tries), 255},
    {"reserved", TT_KIND_RESERVED, 0, 44, 6, 0, 0},
    {"locked_until", TT_KIND_U64, 0, 50, 8, offsetof(tt_phone_response, locked_until), 0},
    {"usable_from", TT_KIND_U64, 0, 58, 8, offsetof(tt_phone_response, usable_from), 0},
    {"number_tail", TT_KIND_IDENT, 0, 66, 4, offsetof(tt_phone_response, number_tail), 0},
    {"language", TT_KIND_IDENT, 0, 70, 4, offsetof(tt_phone_response, language), 0},
};

static const tt_field fields_of_phone_act_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_phone_act_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_phone_act_request, customer), 0},
    {"reference", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_phone_act_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 76, 16, offsetof(tt_phone_act_request, operator_), 0},
    {"reason", TT_KIND_TEXT, 0, 92, 48, offsetof(tt_phone_act_request, reason), 0},
};

static const tt_field fields_of_send_sms_code_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_send_sms_code_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_send_sms_code_request, customer), 0},
    {"reference", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_send_sms_code_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 76, 40, offsetof(tt_send_sms_code_request, end_user_address), 0},
    {"language", TT_KIND_IDENT, 0, 116, 4, offsetof(tt_send_sms_code_request, language), 0},
    {"app", TT_KIND_IDENT, 0, 120, 24, offsetof(tt_send_sms_code_request, app), 0},
    {"scene", TT_KIND_IDENT, 0, 144, 16, offsetof(tt_send_sms_code_request, scene), 0},
    {"amount", TT_KIND_U64, 0, 160, 8, offsetof(tt_send_sms_code_request, amount), 0},
    {"currency", TT_KIND_IDENT, 0, 168, 4, offsetof(tt_send_sms_code_request, currency), 0},
    {"payee", TT_KIND_IDENT, 0, 172, 36, offsetof(tt_send_sms_code_request, payee), 0},
    {"payee_name", TT_KIND_TEXT, 0, 208, 48, offsetof(tt_send_sms_code_request, payee_name), 0},
    {"purpose", TT_KIND_TEXT, 0, 256, 48, offsetof(tt_send_sms_code_request, purpose), 0},
    {"free_fields", TT_KIND_TEXT, 0, 304, 160, offsetof(tt_send_sms_code_request, free_fields), 0},
};

static const tt_field fields_of_send_sms_code_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_send_sms_code_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_send_sms_code_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_send_sms_code_response, entry_seq), 0},
    {"challenge", TT_KIND_IDENT, 0, 42, 32, offsetof(tt_send_sms_code_response, challenge), 0},
    {"message_id", TT_KIND_IDENT, 0, 74, 32, offsetof(tt_send_sms_code_response, message_id), 0},
    {"server_code", TT_KIND_IDENT, 0, 106, 4, offsetof(tt_send_sms_code_response, server_code), 0},
    {"remaining_tries", TT_KIND_U8, 0, 110, 1, offsetof(tt_send_sms_code_response, remaining_tries), 255},
    {"reserved", TT_KIND_RESERVED, 0, 111, 3, 0, 0},
    {"expires_at", TT_KIND_U64, 0, 114, 8, offsetof(tt_send_sms_code_response, expires_at), 0},
    {"resend_at", TT_KIND_U64, 0, 122, 8, offsetof(tt_send_sms_code_response, resend_at), 0},
    {"locked_until", TT_KIND_U64, 0, 130, 8, offsetof(tt_send_sms_code_response, locked_until), 0},
};

static const tt_field fields_of_verify_sms_code_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_verify_sms_code_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_verify_sms_code_request, customer), 0},
    {"reference", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_verify_sms_code_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 76, 40, offsetof(tt_verify_sms_code_request, end_user_address), 0},
    {"challenge", TT_KIND_IDENT, 0, 116, 32, offsetof(tt_verify_sms_code_request, challenge), 0},
    {"scene", TT_KIND_IDENT, 0, 148, 16, offsetof(tt_verify_sms_code_request, scene), 0},
    {"amount", TT_KIND_U64, 0, 164, 8, offsetof(tt_verify_sms_code_request, amount), 0},
    {"currency", TT_KIND_IDENT, 0, 172, 4, offsetof(tt_verify_sms_code_request, currency), 0},
    {"payee", TT_KIND_IDENT, 0, 176, 36, offsetof(tt_verify_sms_code_request, payee), 0},
    {"payee_name", TT_KIND_TEXT, 0, 212, 48, offsetof(tt_verify_sms_code_request, payee_name), 0},
    {"purpose", TT_KIND_TEXT, 0, 260, 48, offsetof(tt_verify_sms_code_request, purpose), 0},
    {"free_fields", TT_KIND_TEXT, 0, 308, 160, offsetof(tt_verify_sms_code_request, free_fields), 0},
    {"otp", TT_KIND_DIGITS, 1, 468, 10, offsetof(tt_verify_sms_code_request, otp), 0},
    {"reserved", TT_KIND_PAD, 1, 478, 6, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 484, 32, 0, 0},
};

static const tt_field fields_of_verify_sms_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_verify_sms_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_verify_sms_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_verify_sms_response, entry_seq), 0},
    {"challenge", TT_KIND_IDENT, 0, 42, 32, offsetof(tt_verify_sms_response, challenge), 0},
    {"remaining_tries", TT_KIND_U8, 0, 74, 1, offsetof(tt_verify_sms_response, remaining_tries), 255},
    {"reserved", TT_KIND_RESERVED, 0, 75, 7, 0, 0},
    {"locked_until", TT_KIND_U64, 0, 82, 8, offsetof(tt_verify_sms_response, locked_until), 0},
};

static const tt_field fields_of_verify_sms_mschap_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_verify_sms_mschap_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_verify_sms_mschap_request, customer), 0},
    {"reference", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_verify_sms_mschap_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 76, 40, offsetof(tt_verify_sms_mschap_request, end_user_address), 0},
    {"challenge", TT_KIND_IDENT, 0, 116, 32, offsetof(tt_verify_sms_mschap_request, challenge), 0},
    {"scene", TT_KIND_IDENT, 0, 148, 16, offsetof(tt_verify_sms_mschap_request, scene), 0},
    {"amount", TT_KIND_U64, 0, 164, 8, offsetof(tt_verify_sms_mschap_request, amount), 0},
    {"currency", TT_KIND_IDENT, 0, 172, 4, offsetof(tt_verify_sms_mschap_request, currency), 0},
    {"payee", TT_KIND_IDENT, 0, 176, 36, offsetof(tt_verify_sms_mschap_request, payee), 0},
    {"payee_name", TT_KIND_TEXT, 0, 212, 48, offsetof(tt_verify_sms_mschap_request, payee_name), 0},
    {"purpose", TT_KIND_TEXT, 0, 260, 48, offsetof(tt_verify_sms_mschap_request, purpose), 0},
    {"free_fields", TT_KIND_TEXT, 0, 308, 160, offsetof(tt_verify_sms_mschap_request, free_fields), 0},
    {"user_name", TT_KIND_IDENT, 0, 468, 32, offsetof(tt_verify_sms_mschap_request, user_name), 0},
    {"authenticator_challenge", TT_KIND_OCTETS, 0, 500, 16, offsetof(tt_verify_sms_mschap_request, authenticator_challenge), 0},
    {"peer_challenge", TT_KIND_OCTETS, 0, 516, 16, offsetof(tt_verify_sms_mschap_request, peer_challenge), 0},
    {"nt_response", TT_KIND_OCTETS, 0, 532, 24, offsetof(tt_verify_sms_mschap_request, nt_response), 0},
};

static const tt_field fields_of_verify_sms_mschap_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_verify_sms_mschap_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_verify_sms_mschap_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_verify_sms_mschap_response, entry_seq), 0},
    {"challenge", TT_KIND_IDENT, 0, 42, 32, offsetof(tt_verify_sms_mschap_response, challenge), 0},
    {"remaining_tries", TT_KIND_U8, 0, 74, 1, offsetof(tt_verify_sms_mschap_response, remaining_tries), 255},
    {"reserved", TT_KIND_RESERVED, 0, 75, 7, 0, 0},
    {"locked_until", TT_KIND_U64, 0, 82, 8, offsetof(tt_verify_sms_mschap_response, locked_until), 0},
    {"authenticator_response", TT_KIND_IDENT, 0, 90, 42, offsetof(tt_verify_sms_mschap_response, authenticator_response), 0},
};

static const tt_field fields_of_query_sms_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_query_sms_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_query_sms_request, customer), 0},
    {"message_id", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_query_sms_request, message_id), 0},
};

static const tt_field fields_of_query_sms_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_query_sms_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_query_sms_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_query_sms_response, entry_seq), 0},
    {"message_state", TT_KIND_U8, 0, 42, 1, offsetof(tt_query_sms_response, message_state), 0},
    {"attempts", TT_KIND_U8, 0, 43, 1, offsetof(tt_query_sms_response, attempts), 0},
    {"reserved", TT_KIND_RESERVED, 0, 44, 6, 0, 0},
    {"purpose_word", TT_KIND_IDENT, 0, 50, 24, offsetof(tt_query_sms_response, purpose_word), 0},
    {"queued_at", TT_KIND_U64, 0, 74, 8, offsetof(tt_query_sms_response, queued_at), 0},
    {"expires_at", TT_KIND_U64, 0, 82, 8, offsetof(tt_query_sms_response, expires_at), 0},
    {"delivery_reason", TT_KIND_TEXT, 0, 90, 32, offsetof(tt_query_sms_response, delivery_reason), 0},
};

static const tt_field fields_of_register_app_key_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_register_app_key_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_register_app_key_request, customer), 0},
    {"reference", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_register_app_key_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 76, 16, offsetof(tt_register_app_key_request, operator_), 0},
    {"app", TT_KIND_IDENT, 0, 92, 24, offsetof(tt_register_app_key_request, app), 0},
    {"algorithm", TT_KIND_IDENT, 0, 116, 8, offsetof(tt_register_app_key_request, algorithm), 0},
    {"app_key", TT_KIND_IDENT, 1, 124, 64, offsetof(tt_register_app_key_request, app_key), 0},
    {"reserved", TT_KIND_PAD, 1, 188, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 204, 32, 0, 0},
};

static const tt_field fields_of_app_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_app_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_app_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_app_response, entry_seq), 0},
    {"app", TT_KIND_IDENT, 0, 42, 24, offsetof(tt_app_response, app), 0},
    {"app_count", TT_KIND_U8, 0, 66, 1, offsetof(tt_app_response, app_count), 0},
    {"reserved", TT_KIND_RESERVED, 0, 67, 7, 0, 0},
};

static const tt_field fields_of_app_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_app_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_app_request, customer), 0},
    {"reference", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_app_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 76, 16, offsetof(tt_app_request, operator_), 0},
    {"app", TT_KIND_IDENT, 0, 92, 24, offsetof(tt_app_request, app), 0},
    {"reason", TT_KIND_TEXT, 0, 116, 48, offsetof(tt_app_request, reason), 0},
};

static const tt_field fields_of_send_sms_warning_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_send_sms_warning_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_send_sms_warning_request, customer), 0},
    {"reference", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_send_sms_warning_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 76, 16, offsetof(tt_send_sms_warning_request, operator_), 0},
    {"language", TT_KIND_IDENT, 0, 92, 4, offsetof(tt_send_sms_warning_request, language), 0},
    {"reserved", TT_KIND_RESERVED, 0, 96, 4, 0, 0},
    {"words", TT_KIND_TEXT, 0, 100, 180, offsetof(tt_send_sms_warning_request, words), 0},
};

static const tt_field fields_of_send_sms_warning_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_send_sms_warning_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_send_sms_warning_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_send_sms_warning_response, entry_seq), 0},
    {"message_id", TT_KIND_IDENT, 0, 42, 32, offsetof(tt_send_sms_warning_response, message_id), 0},
};

static const tt_field fields_of_set_password_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_set_password_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_set_password_request, customer), 0},
    {"kind", TT_KIND_U8, 0, 44, 1, offsetof(tt_set_password_request, kind), 1},
    {"reserved", TT_KIND_RESERVED, 0, 45, 7, 0, 0},
    {"slot", TT_KIND_IDENT, 0, 52, 16, offsetof(tt_set_password_request, slot), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_set_password_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 100, 16, offsetof(tt_set_password_request, operator_), 0},
    {"token", TT_KIND_IDENT, 0, 116, 24, offsetof(tt_set_password_request, token), 0},
    {"password", TT_KIND_TEXT, 1, 140, 128, offsetof(tt_set_password_request, password), 0},
    {"known", TT_KIND_TEXT, 1, 268, 96, offsetof(tt_set_password_request, known), 0},
    {"otp", TT_KIND_DIGITS, 1, 364, 10, offsetof(tt_set_password_request, otp), 0},
    {"reserved", TT_KIND_PAD, 1, 374, 6, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 380, 32, 0, 0},
};

static const tt_field fields_of_password_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_password_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_password_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_password_response, entry_seq), 0},
    {"kind", TT_KIND_U8, 0, 42, 1, offsetof(tt_password_response, kind), 0},
    {"password_state", TT_KIND_U8, 0, 43, 1, offsetof(tt_password_response, password_state), 0},
    {"remaining_tries", TT_KIND_U8, 0, 44, 1, offsetof(tt_password_response, remaining_tries), 255},
    {"reserved", TT_KIND_RESERVED, 0, 45, 5, 0, 0},
    {"locked_until", TT_KIND_U64, 0, 50, 8, offsetof(tt_password_response, locked_until), 0},
    {"changed_at", TT_KIND_U64, 0, 58, 8, offsetof(tt_password_response, changed_at), 0},
    {"expires_at", TT_KIND_U64, 0, 66, 8, offsetof(tt_password_response, expires_at), 0},
};

static const tt_field fields_of_change_password_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_change_password_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_change_password_request, customer), 0},
    {"kind", TT_KIND_U8, 0, 44, 1, offsetof(tt_change_password_request, kind), 1},
    {"reserved", TT_KIND_RESERVED, 0, 45, 7, 0, 0},
    {"slot", TT_KIND_IDENT, 0, 52, 16, offsetof(tt_change_password_request, slot), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_change_password_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 100, 40, offsetof(tt_change_password_request, end_user_address), 0},
    {"password", TT_KIND_TEXT, 1, 140, 128, offsetof(tt_change_password_request, password), 0},
    {"new_password", TT_KIND_TEXT, 1, 268, 128, offsetof(tt_change_password_request, new_password), 0},
    {"known", TT_KIND_TEXT, 1, 396, 96, offsetof(tt_change_password_request, known), 0},
    {"reserved", TT_KIND_PAD, 1, 492, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 508, 32, 0, 0},
};

static const tt_field fields_of_reset_password_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_reset_password_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_reset_password_request, customer), 0},
    {"kind", TT_KIND_U8, 0, 44, 1, offsetof(tt_reset_password_request, kind), 1},
    {"reserved", TT_KIND_RESERVED, 0, 45, 7, 0, 0},
    {"slot", TT_KIND_IDENT, 0, 52, 16, offsetof(tt_reset_password_request, slot), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_reset_password_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 100, 16, offsetof(tt_reset_password_request, operator_), 0},
    {"reason", TT_KIND_TEXT, 0, 116, 48, offsetof(tt_reset_password_request, reason), 0},
    {"password", TT_KIND_TEXT, 1, 164, 128, offsetof(tt_reset_password_request, password), 0},
    {"known", TT_KIND_TEXT, 1, 292, 96, offsetof(tt_reset_password_request, known), 0},
    {"reserved", TT_KIND_PAD, 1, 388, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 404, 32, 0, 0},
};

static const tt_field fields_of_reset_password_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_reset_password_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_reset_password_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_reset_password_response, entry_seq), 0},
    {"kind", TT_KIND_U8, 0, 42, 1, offsetof(tt_reset_password_response, kind), 0},
    {"password_state", TT_KIND_U8, 0, 43, 1, offsetof(tt_reset_password_response, password_state), 0},
    {"remaining_tries", TT_KIND_U8, 0, 44, 1, offsetof(tt_reset_password_response, remaining_tries), 255},
    {"reserved", TT_KIND_RESERVED, 0, 45, 5, 0, 0},
    {"locked_until", TT_KIND_U64, 0, 50, 8, offsetof(tt_reset_password_response, locked_until), 0},
    {"changed_at", TT_KIND_U64, 0, 58, 8, offsetof(tt_reset_password_response, changed_at), 0},
    {"expires_at", TT_KIND_U64, 0, 66, 8, offsetof(tt_reset_password_response, expires_at), 0},
    {"new_password", TT_KIND_TEXT, 1, 74, 128, offsetof(tt_reset_password_response, new_password), 0},
    {"reserved", TT_KIND_PAD, 1, 202, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 218, 32, 0, 0},
};

static const tt_field fields_of_verify_password_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_verify_password_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_verify_password_request, customer), 0},
    {"kind", TT_KIND_U8, 0, 44, 1, offsetof(tt_verify_password_request, kind), 1},
    {"reserved", TT_KIND_RESERVED, 0, 45, 7, 0, 0},
    {"slot", TT_KIND_IDENT, 0, 52, 16, offsetof(tt_verify_password_request, slot), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_verify_password_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 100, 40, offsetof(tt_verify_password_request, end_user_address), 0},
    {"password", TT_KIND_TEXT, 1, 140, 128, offsetof(tt_verify_password_request, password), 0},
    {"reserved", TT_KIND_PAD, 1, 268, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 284, 32, 0, 0},
};

static const tt_field fields_of_password_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_password_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_password_request, customer), 0},
    {"kind", TT_KIND_U8, 0, 44, 1, offsetof(tt_password_request, kind), 1},
    {"reserved", TT_KIND_RESERVED, 0, 45, 7, 0, 0},
    {"slot", TT_KIND_IDENT, 0, 52, 16, offsetof(tt_password_request, slot), 0},
    {"reference", TT_KIND_IDENT, 0, 68, 32, offsetof(tt_password_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 100, 16, offsetof(tt_password_request, operator_), 0},
    {"reason", TT_KIND_TEXT, 0, 116, 48, offsetof(tt_password_request, reason), 0},
};

static const tt_field fields_of_begin_transaction_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_begin_transaction_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_begin_transaction_request, customer), 0},
    {"reference", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_begin_transaction_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 76, 40, offsetof(tt_begin_transaction_request, end_user_address), 0},
    {"operator", TT_KIND_IDENT, 0, 116, 16, offsetof(tt_begin_transaction_request, operator_), 0},
    {"method", TT_KIND_IDENT, 0, 132, 8, offsetof(tt_begin_transaction_request, method), 0},
    {"token", TT_KIND_IDENT, 0, 140, 24, offsetof(tt_begin_transaction_request, token), 0},
    {"app", TT_KIND_IDENT, 0, 164, 24, offsetof(tt_begin_transaction_request, app), 0},
    {"lasts_s", TT_KIND_U32, 0, 188, 4, offsetof(tt_begin_transaction_request, lasts_s), 0},
    {"act", TT_KIND_IDENT, 0, 192, 16, offsetof(tt_begin_transaction_request, act), 0},
    {"language", TT_KIND_IDENT, 0, 208, 4, offsetof(tt_begin_transaction_request, language), 0},
    {"currency", TT_KIND_IDENT, 0, 212, 4, offsetof(tt_begin_transaction_request, currency), 0},
    {"sum", TT_KIND_IDENT, 0, 216, 24, offsetof(tt_begin_transaction_request, sum), 0},
    {"payee", TT_KIND_IDENT, 0, 240, 36, offsetof(tt_begin_transaction_request, payee), 0},
    {"payee_name", TT_KIND_TEXT, 0, 276, 96, offsetof(tt_begin_transaction_request, payee_name), 0},
    {"bank", TT_KIND_TEXT, 0, 372, 72, offsetof(tt_begin_transaction_request, bank), 0},
    {"purpose", TT_KIND_TEXT, 0, 444, 96, offsetof(tt_begin_transaction_request, purpose), 0},
    {"ordered_at", TT_KIND_U64, 0, 540, 8, offsetof(tt_begin_transaction_request, ordered_at), 0},
};

static const tt_field fields_of_begin_transaction_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_begin_transaction_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_begin_transaction_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_begin_transaction_response, entry_seq), 0},
    {"verification", TT_KIND_IDENT, 0, 42, 32, offsetof(tt_begin_transaction_response, verification), 0},
    {"text_version", TT_KIND_U16, 0, 74, 2, offsetof(tt_begin_transaction_response, text_version), 0},
    {"remaining_tries", TT_KIND_U8, 0, 76, 1, offsetof(tt_begin_transaction_response, remaining_tries), 255},
    {"reserved", TT_KIND_RESERVED, 0, 77, 5, 0, 0},
    {"locked_until", TT_KIND_U64, 0, 82, 8, offsetof(tt_begin_transaction_response, locked_until), 0},
    {"expires_at", TT_KIND_U64, 0, 90, 8, offsetof(tt_begin_transaction_response, expires_at), 0},
    {"resend_at", TT_KIND_U64, 0, 98, 8, offsetof(tt_begin_transaction_response, resend_at), 0},
    {"server_code", TT_KIND_IDENT, 0, 106, 4, offsetof(tt_begin_transaction_response, server_code), 0},
    {"message_id", TT_KIND_IDENT, 0, 110, 32, offsetof(tt_begin_transaction_response, message_id), 0},
    {"token", TT_KIND_IDENT, 0, 142, 24, offsetof(tt_begin_transaction_response, token), 0},
    {"question", TT_KIND_IDENT, 0, 166, 64, offsetof(tt_begin_transaction_response, question), 0},
    {"text_digest", TT_KIND_OCTETS, 0, 230, 32, offsetof(tt_begin_transaction_response, text_digest), 0},
    {"text", TT_KIND_TEXT, 1, 262, 800, offsetof(tt_begin_transaction_response, text), 0},
    {"reserved", TT_KIND_PAD, 1, 1062, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 1078, 32, 0, 0},
};

static const tt_field fields_of_confirm_by_service_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_confirm_by_service_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_confirm_by_service_request, customer), 0},
    {"verification", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_confirm_by_service_request, verification), 0},
    {"reference", TT_KIND_IDENT, 0, 76, 32, offsetof(tt_confirm_by_service_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 108, 16, offsetof(tt_confirm_by_service_request, operator_), 0},
    {"verdict", TT_KIND_IDENT, 0, 124, 8, offsetof(tt_confirm_by_service_request, verdict), 0},
    {"reason", TT_KIND_TEXT, 0, 132, 48, offsetof(tt_confirm_by_service_request, reason), 0},
    {"text_digest", TT_KIND_OCTETS, 0, 180, 32, offsetof(tt_confirm_by_service_request, text_digest), 0},
};

static const tt_field fields_of_transaction_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_transaction_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_transaction_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_transaction_response, entry_seq), 0},
    {"verification", TT_KIND_IDENT, 0, 42, 32, offsetof(tt_transaction_response, verification), 0},
    {"verification_state", TT_KIND_U8, 0, 74, 1, offsetof(tt_transaction_response, verification_state), 0},
    {"remaining_tries", TT_KIND_U8, 0, 75, 1, offsetof(tt_transaction_response, remaining_tries), 255},
    {"text_version", TT_KIND_U16, 0, 76, 2, offsetof(tt_transaction_response, text_version), 0},
    {"reserved", TT_KIND_RESERVED, 0, 78, 4, 0, 0},
    {"method", TT_KIND_IDENT, 0, 82, 8, offsetof(tt_transaction_response, method), 0},
    {"token", TT_KIND_IDENT, 0, 90, 24, offsetof(tt_transaction_response, token), 0},
    {"locked_until", TT_KIND_U64, 0, 114, 8, offsetof(tt_transaction_response, locked_until), 0},
    {"expires_at", TT_KIND_U64, 0, 122, 8, offsetof(tt_transaction_response, expires_at), 0},
    {"text_digest", TT_KIND_OCTETS, 0, 130, 32, offsetof(tt_transaction_response, text_digest), 0},
};

static const tt_field fields_of_complete_transaction_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_complete_transaction_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_complete_transaction_request, customer), 0},
    {"reference", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_complete_transaction_request, reference), 0},
    {"end_user_address", TT_KIND_IDENT, 0, 76, 40, offsetof(tt_complete_transaction_request, end_user_address), 0},
    {"verification", TT_KIND_IDENT, 0, 116, 32, offsetof(tt_complete_transaction_request, verification), 0},
    {"method", TT_KIND_IDENT, 0, 148, 8, offsetof(tt_complete_transaction_request, method), 0},
    {"act", TT_KIND_IDENT, 0, 156, 16, offsetof(tt_complete_transaction_request, act), 0},
    {"language", TT_KIND_IDENT, 0, 172, 4, offsetof(tt_complete_transaction_request, language), 0},
    {"currency", TT_KIND_IDENT, 0, 176, 4, offsetof(tt_complete_transaction_request, currency), 0},
    {"sum", TT_KIND_IDENT, 0, 180, 24, offsetof(tt_complete_transaction_request, sum), 0},
    {"payee", TT_KIND_IDENT, 0, 204, 36, offsetof(tt_complete_transaction_request, payee), 0},
    {"payee_name", TT_KIND_TEXT, 0, 240, 96, offsetof(tt_complete_transaction_request, payee_name), 0},
    {"bank", TT_KIND_TEXT, 0, 336, 72, offsetof(tt_complete_transaction_request, bank), 0},
    {"purpose", TT_KIND_TEXT, 0, 408, 96, offsetof(tt_complete_transaction_request, purpose), 0},
    {"ordered_at", TT_KIND_U64, 0, 504, 8, offsetof(tt_complete_transaction_request, ordered_at), 0},
    {"proof", TT_KIND_IDENT, 1, 512, 128, offsetof(tt_complete_transaction_request, proof), 0},
    {"pin", TT_KIND_DIGITS, 1, 640, 12, offsetof(tt_complete_transaction_request, pin), 0},
    {"reserved", TT_KIND_PAD, 1, 652, 4, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 656, 32, 0, 0},
};

static const tt_field fields_of_query_transaction_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_query_transaction_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_query_transaction_request, customer), 0},
    {"verification", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_query_transaction_request, verification), 0},
};

static const tt_field fields_of_query_transaction_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_query_transaction_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_query_transaction_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_query_transaction_response, entry_seq), 0},
    {"verification", TT_KIND_IDENT, 0, 42, 32, offsetof(tt_query_transaction_response, verification), 0},
    {"verification_state", TT_KIND_U8, 0, 74, 1, offsetof(tt_query_transaction_response, verification_state), 0},
    {"reserved", TT_KIND_RESERVED, 0, 75, 1, 0, 0},
    {"text_version", TT_KIND_U16, 0, 76, 2, offsetof(tt_query_transaction_response, text_version), 0},
    {"method", TT_KIND_IDENT, 0, 78, 8, offsetof(tt_query_transaction_response, method), 0},
    {"began_channel", TT_KIND_U32, 0, 86, 4, offsetof(tt_query_transaction_response, began_channel), 0},
    {"operator", TT_KIND_IDENT, 0, 90, 16, offsetof(tt_query_transaction_response, operator_), 0},
    {"reference", TT_KIND_IDENT, 0, 106, 32, offsetof(tt_query_transaction_response, reference), 0},
    {"act", TT_KIND_IDENT, 0, 138, 16, offsetof(tt_query_transaction_response, act), 0},
    {"began_at", TT_KIND_U64, 0, 154, 8, offsetof(tt_query_transaction_response, began_at), 0},
    {"expires_at", TT_KIND_U64, 0, 162, 8, offsetof(tt_query_transaction_response, expires_at), 0},
    {"ended_at", TT_KIND_U64, 0, 170, 8, offsetof(tt_query_transaction_response, ended_at), 0},
    {"confirmed_at", TT_KIND_U64, 0, 178, 8, offsetof(tt_query_transaction_response, confirmed_at), 0},
    {"confirmed_by", TT_KIND_IDENT, 0, 186, 16, offsetof(tt_query_transaction_response, confirmed_by), 0},
    {"reason", TT_KIND_TEXT, 0, 202, 48, offsetof(tt_query_transaction_response, reason), 0},
    {"text_digest", TT_KIND_OCTETS, 0, 250, 32, offsetof(tt_query_transaction_response, text_digest), 0},
    {"text", TT_KIND_TEXT, 1, 282, 800, offsetof(tt_query_transaction_response, text), 0},
    {"reserved", TT_KIND_PAD, 1, 1082, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 1098, 32, 0, 0},
};

static const tt_field fields_of_set_greeting_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_set_greeting_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_set_greeting_request, customer), 0},
    {"reference", TT_KIND_IDENT, 0, 44, 32, offsetof(tt_set_greeting_request, reference), 0},
    {"operator", TT_KIND_IDENT, 0, 76, 16, offsetof(tt_set_greeting_request, operator_), 0},
    {"greeting", TT_KIND_TEXT, 1, 92, 96, offsetof(tt_set_greeting_request, greeting), 0},
    {"reserved", TT_KIND_PAD, 1, 188, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 204, 32, 0, 0},
};

static const tt_field fields_of_set_greeting_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_set_greeting_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_set_greeting_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_set_greeting_response, entry_seq), 0},
    {"reserved", TT_KIND_RESERVED, 0, 42, 2, 0, 0},
};

static const tt_field fields_of_get_greeting_request[] = {
    {"institution", TT_KIND_IDENT, 0, 0, 12, offsetof(tt_get_greeting_request, institution), 0},
    {"customer", TT_KIND_IDENT, 0, 12, 32, offsetof(tt_get_greeting_request, customer), 0},
};

static const tt_field fields_of_get_greeting_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_get_greeting_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_get_greeting_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_get_greeting_response, entry_seq), 0},
    {"greeting", TT_KIND_TEXT, 1, 42, 96, offsetof(tt_get_greeting_response, greeting), 0},
    {"reserved", TT_KIND_PAD, 1, 138, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 154, 32, 0, 0},
};

static const tt_field fields_of_generate_mac_request[] = {
    {"key", TT_KIND_IDENT, 0, 0, 24, offsetof(tt_generate_mac_request, key), 0},
    {"reference", TT_KIND_IDENT, 0, 24, 32, offsetof(tt_generate_mac_request, reference), 0},
    {"mac_algorithm", TT_KIND_U8, 0, 56, 1, offsetof(tt_generate_mac_request, mac_algorithm), 0},
    {"padding", TT_KIND_U8, 0, 57, 1, offsetof(tt_generate_mac_request, padding), 0},
    {"mac_length", TT_KIND_U8, 0, 58, 1, offsetof(tt_generate_mac_request, mac_length), 0},
    {"reserved", TT_KIND_RESERVED, 0, 59, 3, 0, 0},
    {"data_length", TT_KIND_U16, 0, 62, 2, offsetof(tt_generate_mac_request, data_length), 0},
    {"data", TT_KIND_OCTETS, 1, 64, 1024, offsetof(tt_generate_mac_request, data), 0},
    {"reserved", TT_KIND_PAD, 1, 1088, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 1104, 32, 0, 0},
};

static const tt_field fields_of_generate_mac_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_generate_mac_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_generate_mac_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_generate_mac_response, entry_seq), 0},
    {"key_generation", TT_KIND_U16, 0, 42, 2, offsetof(tt_generate_mac_response, key_generation), 0},
    {"mac_length", TT_KIND_U8, 0, 44, 1, offsetof(tt_generate_mac_response, mac_length), 0},
    {"reserved", TT_KIND_RESERVED, 0, 45, 3, 0, 0},
    {"mac_value", TT_KIND_OCTETS, 0, 48, 32, offsetof(tt_generate_mac_response, mac_value), 0},
};

static const tt_field fields_of_verify_mac_request[] = {
    {"key", TT_KIND_IDENT, 0, 0, 24, offsetof(tt_verify_mac_request, key), 0},
    {"reference", TT_KIND_IDENT, 0, 24, 32, offsetof(tt_verify_mac_request, reference), 0},
    {"mac_algorithm", TT_KIND_U8, 0, 56, 1, offsetof(tt_verify_mac_request, mac_algorithm), 0},
    {"padding", TT_KIND_U8, 0, 57, 1, offsetof(tt_verify_mac_request, padding), 0},
    {"mac_length", TT_KIND_U8, 0, 58, 1, offsetof(tt_verify_mac_request, mac_length), 0},
    {"reserved", TT_KIND_RESERVED, 0, 59, 1, 0, 0},
    {"key_generation", TT_KIND_U16, 0, 60, 2, offsetof(tt_verify_mac_request, key_generation), 0},
    {"data_length", TT_KIND_U16, 0, 62, 2, offsetof(tt_verify_mac_request, data_length), 0},
    {"mac_value", TT_KIND_OCTETS, 0, 64, 32, offsetof(tt_verify_mac_request, mac_value), 0},
    {"data", TT_KIND_OCTETS, 1, 96, 1024, offsetof(tt_verify_mac_request, data), 0},
    {"reserved", TT_KIND_PAD, 1, 1120, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 1136, 32, 0, 0},
};

static const tt_field fields_of_verify_mac_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_verify_mac_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_verify_mac_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_verify_mac_response, entry_seq), 0},
    {"key_generation", TT_KIND_U16, 0, 42, 2, offsetof(tt_verify_mac_response, key_generation), 0},
    {"reserved", TT_KIND_RESERVED, 0, 44, 4, 0, 0},
};

static const tt_field fields_of_encipher_field_request[] = {
    {"key", TT_KIND_IDENT, 0, 0, 24, offsetof(tt_encipher_field_request, key), 0},
    {"reference", TT_KIND_IDENT, 0, 24, 32, offsetof(tt_encipher_field_request, reference), 0},
    {"context", TT_KIND_IDENT, 0, 56, 64, offsetof(tt_encipher_field_request, context), 0},
    {"mode", TT_KIND_U8, 0, 120, 1, offsetof(tt_encipher_field_request, mode), 0},
    {"reserved", TT_KIND_RESERVED, 0, 121, 5, 0, 0},
    {"plain_length", TT_KIND_U16, 0, 126, 2, offsetof(tt_encipher_field_request, plain_length), 0},
    {"plain", TT_KIND_OCTETS, 1, 128, 512, offsetof(tt_encipher_field_request, plain), 0},
    {"reserved", TT_KIND_PAD, 1, 640, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 656, 32, 0, 0},
};

static const tt_field fields_of_encipher_field_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_encipher_field_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_encipher_field_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_encipher_field_response, entry_seq), 0},
    {"key_generation", TT_KIND_U16, 0, 42, 2, offsetof(tt_encipher_field_response, key_generation), 0},
    {"cipher_length", TT_KIND_U16, 0, 44, 2, offsetof(tt_encipher_field_response, cipher_length), 0},
    {"reserved", TT_KIND_RESERVED, 0, 46, 2, 0, 0},
    {"ciphertext", TT_KIND_OCTETS, 0, 48, 544, offsetof(tt_encipher_field_response, ciphertext), 0},
};

static const tt_field fields_of_decipher_field_request[] = {
    {"key", TT_KIND_IDENT, 0, 0, 24, offsetof(tt_decipher_field_request, key), 0},
    {"reference", TT_KIND_IDENT, 0, 24, 32, offsetof(tt_decipher_field_request, reference), 0},
    {"context", TT_KIND_IDENT, 0, 56, 64, offsetof(tt_decipher_field_request, context), 0},
    {"mode", TT_KIND_U8, 0, 120, 1, offsetof(tt_decipher_field_request, mode), 0},
    {"reserved", TT_KIND_RESERVED, 0, 121, 3, 0, 0},
    {"key_generation", TT_KIND_U16, 0, 124, 2, offsetof(tt_decipher_field_request, key_generation), 0},
    {"cipher_length", TT_KIND_U16, 0, 126, 2, offsetof(tt_decipher_field_request, cipher_length), 0},
    {"ciphertext", TT_KIND_OCTETS, 0, 128, 544, offsetof(tt_decipher_field_request, ciphertext), 0},
};

static const tt_field fields_of_decipher_field_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_decipher_field_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_decipher_field_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_decipher_field_response, entry_seq), 0},
    {"key_generation", TT_KIND_U16, 0, 42, 2, offsetof(tt_decipher_field_response, key_generation), 0},
    {"plain_length", TT_KIND_U16, 0, 44, 2, offsetof(tt_decipher_field_response, plain_length), 0},
    {"reserved", TT_KIND_RESERVED, 0, 46, 2, 0, 0},
    {"plain", TT_KIND_OCTETS, 1, 48, 512, offsetof(tt_decipher_field_response, plain), 0},
    {"reserved", TT_KIND_PAD, 1, 560, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 576, 32, 0, 0},
};

static const tt_field fields_of_translate_pin_request[] = {
    {"key", TT_KIND_IDENT, 0, 0, 24, offsetof(tt_translate_pin_request, key), 0},
    {"new_key", TT_KIND_IDENT, 0, 24, 24, offsetof(tt_translate_pin_request, new_key), 0},
    {"reference", TT_KIND_IDENT, 0, 48, 32, offsetof(tt_translate_pin_request, reference), 0},
    {"pin_format", TT_KIND_U8, 0, 80, 1, offsetof(tt_translate_pin_request, pin_format), 0},
    {"new_format", TT_KIND_U8, 0, 81, 1, offsetof(tt_translate_pin_request, new_format), 0},
    {"key_generation", TT_KIND_U16, 0, 82, 2, offsetof(tt_translate_pin_request, key_generation), 0},
    {"reserved", TT_KIND_RESERVED, 0, 84, 4, 0, 0},
    {"account", TT_KIND_DIGITS, 1, 88, 19, offsetof(tt_translate_pin_request, account), 0},
    {"pin_block", TT_KIND_OCTETS, 1, 107, 16, offsetof(tt_translate_pin_request, pin_block), 0},
    {"reserved", TT_KIND_PAD, 1, 123, 13, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 136, 32, 0, 0},
};

static const tt_field fields_of_translate_pin_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_translate_pin_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_translate_pin_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_translate_pin_response, entry_seq), 0},
    {"key_generation", TT_KIND_U16, 0, 42, 2, offsetof(tt_translate_pin_response, key_generation), 0},
    {"reserved", TT_KIND_RESERVED, 0, 44, 4, 0, 0},
    {"pin_block", TT_KIND_OCTETS, 1, 48, 16, offsetof(tt_translate_pin_response, pin_block), 0},
    {"reserved", TT_KIND_PAD, 1, 64, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 80, 32, 0, 0},
};

static const tt_field fields_of_verify_pin_request[] = {
    {"key", TT_KIND_IDENT, 0, 0, 24, offsetof(tt_verify_pin_request, key), 0},
    {"pin_key", TT_KIND_IDENT, 0, 24, 24, offsetof(tt_verify_pin_request, pin_key), 0},
    {"reference", TT_KIND_IDENT, 0, 48, 32, offsetof(tt_verify_pin_request, reference), 0},
    {"pin_format", TT_KIND_U8, 0, 80, 1, offsetof(tt_verify_pin_request, pin_format), 0},
    {"pin_method", TT_KIND_U8, 0, 81, 1, offsetof(tt_verify_pin_request, pin_method), 0},
    {"pin_index", TT_KIND_U8, 0, 82, 1, offsetof(tt_verify_pin_request, pin_index), 0},
    {"reserved", TT_KIND_RESERVED, 0, 83, 1, 0, 0},
    {"key_generation", TT_KIND_U16, 0, 84, 2, offsetof(tt_verify_pin_request, key_generation), 0},
    {"pin_key_generation", TT_KIND_U16, 0, 86, 2, offsetof(tt_verify_pin_request, pin_key_generation), 0},
    {"account", TT_KIND_DIGITS, 1, 88, 19, offsetof(tt_verify_pin_request, account), 0},
    {"pin_block", TT_KIND_OCTETS, 1, 107, 16, offsetof(tt_verify_pin_request, pin_block), 0},
    {"pin_value", TT_KIND_IDENT, 1, 123, 64, offsetof(tt_verify_pin_request, pin_value), 0},
    {"reserved", TT_KIND_PAD, 1, 187, 13, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 200, 32, 0, 0},
};

static const tt_field fields_of_verify_pin_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_verify_pin_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_verify_pin_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_verify_pin_response, entry_seq), 0},
    {"remaining_tries", TT_KIND_U8, 0, 42, 1, offsetof(tt_verify_pin_response, remaining_tries), 255},
    {"reserved", TT_KIND_RESERVED, 0, 43, 5, 0, 0},
};

static const tt_field fields_of_make_pin_value_request[] = {
    {"key", TT_KIND_IDENT, 0, 0, 24, offsetof(tt_make_pin_value_request, key), 0},
    {"pin_key", TT_KIND_IDENT, 0, 24, 24, offsetof(tt_make_pin_value_request, pin_key), 0},
    {"reference", TT_KIND_IDENT, 0, 48, 32, offsetof(tt_make_pin_value_request, reference), 0},
    {"pin_format", TT_KIND_U8, 0, 80, 1, offsetof(tt_make_pin_value_request, pin_format), 0},
    {"pin_method", TT_KIND_U8, 0, 81, 1, offsetof(tt_make_pin_value_request, pin_method), 0},
    {"pin_index", TT_KIND_U8, 0, 82, 1, offsetof(tt_make_pin_value_request, pin_index), 0},
    {"reserved", TT_KIND_RESERVED, 0, 83, 3, 0, 0},
    {"key_generation", TT_KIND_U16, 0, 86, 2, offsetof(tt_make_pin_value_request, key_generation), 0},
    {"account", TT_KIND_DIGITS, 1, 88, 19, offsetof(tt_make_pin_value_request, account), 0},
    {"pin_block", TT_KIND_OCTETS, 1, 107, 16, offsetof(tt_make_pin_value_request, pin_block), 0},
    {"reserved", TT_KIND_PAD, 1, 123, 13, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 136, 32, 0, 0},
};

static const tt_field fields_of_make_pin_value_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_make_pin_value_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_make_pin_value_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_make_pin_value_response, entry_seq), 0},
    {"pin_key_generation", TT_KIND_U16, 0, 42, 2, offsetof(tt_make_pin_value_response, pin_key_generation), 0},
    {"reserved", TT_KIND_RESERVED, 0, 44, 4, 0, 0},
    {"pin_value", TT_KIND_IDENT, 1, 48, 64, offsetof(tt_make_pin_value_response, pin_value), 0},
    {"reserved", TT_KIND_PAD, 1, 112, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 128, 32, 0, 0},
};

static const tt_field fields_of_draw_random_request[] = {
    {"octet_count", TT_KIND_U16, 0, 0, 2, offsetof(tt_draw_random_request, octet_count), 0},
    {"reserved", TT_KIND_RESERVED, 0, 2, 6, 0, 0},
};

static const tt_field fields_of_draw_random_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_draw_random_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_draw_random_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_draw_random_response, entry_seq), 0},
    {"octet_count", TT_KIND_U16, 0, 42, 2, offsetof(tt_draw_random_response, octet_count), 0},
    {"reserved", TT_KIND_RESERVED, 0, 44, 4, 0, 0},
    {"random_octets", TT_KIND_OCTETS, 1, 48, 256, offsetof(tt_draw_random_response, random_octets), 0},
    {"reserved", TT_KIND_PAD, 1, 304, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 320, 32, 0, 0},
};

static const tt_field fields_of_digest_request[] = {
    {"digest_algorithm", TT_KIND_U8, 0, 0, 1, offsetof(tt_digest_request, digest_algorithm), 0},
    {"reserved", TT_KIND_RESERVED, 0, 1, 5, 0, 0},
    {"data_length", TT_KIND_U16, 0, 6, 2, offsetof(tt_digest_request, data_length), 0},
    {"data", TT_KIND_OCTETS, 1, 8, 1024, offsetof(tt_digest_request, data), 0},
    {"reserved", TT_KIND_PAD, 1, 1032, 16, 0, 0},
    {"seal_trailer", TT_KIND_SEAL, 0, 1048, 32, 0, 0},
};

static const tt_field fields_of_digest_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_digest_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_digest_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_digest_response, entry_seq), 0},
    {"digest_length", TT_KIND_U8, 0, 42, 1, offsetof(tt_digest_response, digest_length), 0},
    {"reserved", TT_KIND_RESERVED, 0, 43, 5, 0, 0},
    {"digest_value", TT_KIND_OCTETS, 0, 48, 64, offsetof(tt_digest_response, digest_value), 0},
};

static const tt_field fields_of_query_key_request[] = {
    {"key", TT_KIND_IDENT, 0, 0, 24, offsetof(tt_query_key_request, key), 0},
    {"key_purpose", TT_KIND_IDENT, 0, 24, 16, offsetof(tt_query_key_request, key_purpose), 0},
    {"key_generation", TT_KIND_U16, 0, 40, 2, offsetof(tt_query_key_request, key_generation), 0},
    {"reserved", TT_KIND_RESERVED, 0, 42, 6, 0, 0},
};

static const tt_field fields_of_key_response[] = {
    {"detail", TT_KIND_IDENT, 0, 0, 32, offsetof(tt_key_response, detail), 0},
    {"entry_shard", TT_KIND_U16, 0, 32, 2, offsetof(tt_key_response, entry_shard), 65535},
    {"entry_seq", TT_KIND_U64, 0, 34, 8, offsetof(tt_key_response, entry_seq), 0},
    {"key_generation", TT_KIND_U16, 0, 42, 2, offsetof(tt_key_response, key_generation), 0},
    {"reserved", TT_KIND_RESERVED, 0, 44, 4, 0, 0},
    {"key_algorithm", TT_KIND_IDENT, 0, 48, 16, offsetof(tt_key_response, key_algorithm), 0},
    {"key_state", TT_KIND_IDENT, 0, 64, 24, offsetof(tt_key_response, key_state), 0},
    {"check_value", TT_KIND_IDENT, 0, 88, 8, offsetof(tt_key_response, check_value), 0},
    {"key_expires_at", TT_KIND_U64, 0, 96, 8, offsetof(tt_key_response, key_expires_at), 0},
    {"key_block", TT_KIND_IDENT, 0, 104, 512, offsetof(tt_key_response, key_block), 0},
};

static const tt_field fields_of_issue_key_request[] = {
    {"key", TT_KIND_IDENT, 0, 0, 24, offsetof(tt_issue_key_request, key), 0},
    {"key_purpose", TT_KIND_IDENT, 0, 24, 16, offsetof(tt_issue_key_request, key_purpose), 0},
    {"key_algorithm", TT_KIND_IDENT, 0, 40, 16, offsetof(tt_issue_key_request, key_algorithm), 0},
    {"transport_key", TT_KIND_IDENT, 0, 56, 24, offsetof(tt_issue_key_request, transport_key), 0},
    {"operator", TT_KIND_IDENT, 0, 80, 16, offsetof(tt_issue_key_request, operator_), 0},
};

static const tt_field fields_of_import_key_request[] = {
    {"key", TT_KIND_IDENT, 0, 0, 24, offsetof(tt_import_key_request, key), 0},
    {"transport_key", TT_KIND_IDENT, 0, 24, 24, offsetof(tt_import_key_request, transport_key), 0},
    {"operator", TT_KIND_IDENT, 0, 48, 16, offsetof(tt_import_key_request, operator_), 0},
    {"check_value", TT_KIND_IDENT, 0, 64, 8, offsetof(tt_import_key_request, check_value), 0},
    {"key_block", TT_KIND_IDENT, 0, 72, 512, offsetof(tt_import_key_request, key_block), 0},
};

static const tt_field fields_of_retire_key_request[] = {
    {"key", TT_KIND_IDENT, 0, 0, 24, offsetof(tt_retire_key_request, key), 0},
    {"key_purpose", TT_KIND_IDENT, 0, 24, 16, offsetof(tt_retire_key_request, key_purpose), 0},
    {"operator", TT_KIND_IDENT, 0, 40, 16, offsetof(tt_retire_key_request, operator_), 0},
};

const tt_record tt_records[] = {
    {"tt_greeting", fields_of_greeting, 4, 48, -1, 0, sizeof(tt_greeting)},
    {"tt_sign_on_request", fields_of_sign_on_request, 5, 72, -1, 0, sizeof(tt_sign_on_request)},
    {"tt_sign_on_response", fields_of_sign_on_response, 19, 236, -1, 0, sizeof(tt_sign_on_response)},
    {"tt_sign_off_request", NULL, 0, 0, -1, 0, sizeof(tt_sign_off_request)},
    {"tt_sign_off_response", NULL, 0, 0, -1, 0, sizeof(tt_sign_off_response)},
    {"tt_heartbeat_request", NULL, 0, 0, -1, 0, sizeof(tt_heartbeat_request)},
    {"tt_heartbeat_response", NULL, 0, 0, -1, 0, sizeof(tt_heartbeat_response)},
    {"tt_key_change_request", NULL, 0, 0, -1, 0, sizeof(tt_key_change_request)},
    {"tt_key_change_response", fields_of_key_change_response, 16, 216, -1, 0, sizeof(tt_key_change_response)},
    {"tt_drain", fields_of_drain, 2, 8, -1, 0, sizeof(tt_drain)},
    {"tt_key_change_due", fields_of_key_change_due, 2, 8, -1, 0, sizeof(tt_key_change_due)},
    {"tt_register_user_request", fields_of_register_user_request, 8, 220, 92, 96, sizeof(tt_register_user_request)},
    {"tt_user_response", fields_of_user_response, 5, 50, -1, 0, sizeof(tt_user_response)},
    {"tt_query_user_request", fields_of_query_user_request, 2, 44, -1, 0, sizeof(tt_query_user_request)},
    {"tt_query_user_response", fields_of_query_user_response, 27, 386, 258, 96, sizeof(tt_query_user_response)},
    {"tt_close_user_request", fields_of_close_user_request, 5, 140, -1, 0, sizeof(tt_close_user_request)},
    {"tt_bind_token_request", fields_of_bind_token_request, 8, 164, 116, 16, sizeof(tt_bind_token_request)},
    {"tt_token_response", fields_of_token_response, 8, 82, -1, 0, sizeof(tt_token_response)},
    {"tt_token_request", fields_of_token_request, 6, 164, -1, 0, sizeof(tt_token_request)},
    {"tt_resync_token_request", fields_of_resync_token_request, 9, 180, 116, 32, sizeof(tt_resync_token_request)},
    {"tt_replace_token_request", fields_of_replace_token_request, 13, 244, 196, 16, sizeof(tt_replace_token_request)},
    {"tt_replace_token_response", fields_of_replace_token_response, 12, 114, -1, 0, sizeof(tt_replace_token_response)},
    {"tt_activate_token_request", fields_of_activate_token_request, 9, 196, 116, 48, sizeof(tt_activate_token_request)},
    {"tt_query_token_request", fields_of_query_token_request, 3, 68, -1, 0, sizeof(tt_query_token_request)},
    {"tt_query_token_response", fields_of_query_token_response, 16, 178, -1, 0, sizeof(tt_query_token_response)},
    {"tt_start_activation_request", fields_of_start_activation_request, 7, 124, -1, 0, sizeof(tt_start_activation_request)},
    {"tt_start_activation_response", fields_of_start_activation_response, 10, 434, 82, 320, sizeof(tt_start_activation_response)},
    {"tt_issue_activation_code_request", fields_of_issue_activation_code_request, 5, 116, -1, 0, sizeof(tt_issue_activation_code_request)},
    {"tt_issue_activation_code_response", fields_of_issue_activation_code_response, 11, 146, 82, 32, sizeof(tt_issue_activation_code_response)},
    {"tt_issue_emergency_code_request", fields_of_issue_emergency_code_request, 9, 172, -1, 0, sizeof(tt_issue_emergency_code_request)},
    {"tt_issue_emergency_code_response", fields_of_issue_emergency_code_response, 11, 130, 82, 16, sizeof(tt_issue_emergency_code_response)},
    {"tt_verify_emergency_code_request", fields_of_verify_emergency_code_request, 8, 188, 140, 16, sizeof(tt_verify_emergency_code_request)},
    {"tt_verify_emergency_code_response", fields_of_verify_emergency_code_response, 10, 90, -1, 0, sizeof(tt_verify_emergency_code_response)},
    {"tt_ask_card_request", fields_of_ask_card_request, 5, 140, -1, 0, sizeof(tt_ask_card_request)},
    {"tt_ask_card_response", fields_of_ask_card_response, 11, 154, -1, 0, sizeof(tt_ask_card_response)},
    {"tt_verify_card_request", fields_of_verify_card_request, 9, 236, 172, 32, sizeof(tt_verify_card_request)},
    {"tt_verify_card_response", fields_of_verify_card_response, 10, 90, -1, 0, sizeof(tt_verify_card_response)},
    {"tt_verify_otp_request", fields_of_verify_otp_request, 8, 188, 140, 16, sizeof(tt_verify_otp_request)},
    {"tt_verify_otp_response", fields_of_verify_otp_response, 8, 82, -1, 0, sizeof(tt_verify_otp_response)},
    {"tt_verify_pin_otp_request", fields_of_verify_pin_otp_request, 9, 204, 140, 32, sizeof(tt_verify_pin_otp_request)},
    {"tt_set_token_pin_request", fields_of_set_token_pin_request, 11, 268, 204, 32, sizeof(tt_set_token_pin_request)},
    {"tt_verify_mschapv2_request", fields_of_verify_mschapv2_request, 9, 260, -1, 0, sizeof(tt_verify_mschapv2_request)},
    {"tt_verify_mschapv2_response", fields_of_verify_mschapv2_response, 9, 124, -1, 0, sizeof(tt_verify_mschapv2_response)},
    {"tt_verify_chap_request", fields_of_verify_chap_request, 9, 180, -1, 0, sizeof(tt_verify_chap_request)},
    {"tt_issue_ocra_challenge_request", fields_of_issue_ocra_challenge_request, 8, 748, -1, 0, sizeof(tt_issue_ocra_challenge_request)},
    {"tt_issue_ocra_challenge_response", fields_of_issue_ocra_challenge_response, 7, 170, -1, 0, sizeof(tt_issue_ocra_challenge_response)},
    {"tt_verify_ocra_request", fields_of_verify_ocra_request, 12, 924, 748, 144, sizeof(tt_verify_ocra_request)},
    {"tt_verify_ocra_response", fields_of_verify_ocra_response, 10, 178, -1, 0, sizeof(tt_verify_ocra_response)},
    {"tt_host_code_request", fields_of_host_code_request, 8, 748, -1, 0, sizeof(tt_host_code_request)},
    {"tt_host_code_response", fields_of_host_code_response, 10, 346, 170, 144, sizeof(tt_host_code_response)},
    {"tt_query_serial_request", fields_of_query_serial_request, 4, 16, -1, 0, sizeof(tt_query_serial_request)},
    {"tt_query_response", fields_of_query_response, 16, 186, -1, 0, sizeof(tt_query_response)},
    {"tt_query_reference_request", fields_of_query_reference_request, 4, 40, -1, 0, sizeof(tt_query_reference_request)},
    {"tt_cancel_serial_request", fields_of_cancel_serial_request, 5, 80, -1, 0, sizeof(tt_cancel_serial_request)},
    {"tt_begin_flow_request", fields_of_begin_flow_request, 10, 144, -1, 0, sizeof(tt_begin_flow_request)},
    {"tt_flow_response", fields_of_flow_response, 21, 494, -1, 0, sizeof(tt_flow_response)},
    {"tt_begin_own_flow_request", fields_of_begin_own_flow_request, 10, 304, -1, 0, sizeof(tt_begin_own_flow_request)},
    {"tt_flow_step_request", fields_of_flow_step_request, 10, 1196, 140, 1024, sizeof(tt_flow_step_request)},
    {"tt_query_flow_request", fields_of_query_flow_request, 3, 76, -1, 0, sizeof(tt_query_flow_request)},
    {"tt_flow_query_response", fields_of_flow_query_response, 17, 602, -1, 0, sizeof(tt_flow_query_response)},
    {"tt_cancel_flow_request", fields_of_cancel_flow_request, 5, 140, -1, 0, sizeof(tt_cancel_flow_request)},
    {"tt_phone_request", fields_of_phone_request, 9, 164, 100, 32, sizeof(tt_phone_request)},
    {"tt_phone_response", fields_of_phone_response, 10, 74, -1, 0, sizeof(tt_phone_response)},
    {"tt_phone_act_request", fields_of_phone_act_request, 5, 140, -1, 0, sizeof(tt_phone_act_request)},
    {"tt_send_sms_code_request", fields_of_send_sms_code_request, 13, 464, -1, 0, sizeof(tt_send_sms_code_request)},
    {"tt_send_sms_code_response", fields_of_send_sms_code_response, 11, 138, -1, 0, sizeof(tt_send_sms_code_response)},
    {"tt_verify_sms_code_request", fields_of_verify_sms_code_request, 15, 516, 468, 16, sizeof(tt_verify_sms_code_request)},
    {"tt_verify_sms_response", fields_of_verify_sms_response, 7, 90, -1, 0, sizeof(tt_verify_sms_response)},
    {"tt_verify_sms_mschap_request", fields_of_verify_sms_mschap_request, 16, 556, -1, 0, sizeof(tt_verify_sms_mschap_request)},
    {"tt_verify_sms_mschap_response", fields_of_verify_sms_mschap_response, 8, 132, -1, 0, sizeof(tt_verify_sms_mschap_response)},
    {"tt_query_sms_request", fields_of_query_sms_request, 3, 76, -1, 0, sizeof(tt_query_sms_request)},
    {"tt_query_sms_response", fields_of_query_sms_response, 10, 122, -1, 0, sizeof(tt_query_sms_response)},
    {"tt_register_app_key_request", fields_of_register_app_key_request, 9, 236, 124, 80, sizeof(tt_register_app_key_request)},
    {"tt_app_response", fields_of_app_response, 6, 74, -1, 0, sizeof(tt_app_response)},
    {"tt_app_request", fields_of_app_request, 6, 164, -1, 0, sizeof(tt_app_request)},
    {"tt_send_sms_warning_request", fields_of_send_sms_warning_request, 7, 280, -1, 0, sizeof(tt_send_sms_warning_request)},
    {"tt_send_sms_warning_response", fields_of_send_sms_warning_response, 4, 74, -1, 0, sizeof(tt_send_sms_warning_response)},
    {"tt_set_password_request", fields_of_set_password_request, 13, 412, 140, 240, sizeof(tt_set_password_request)},
    {"tt_password_response", fields_of_password_response, 10, 74, -1, 0, sizeof(tt_password_response)},
    {"tt_change_password_request", fields_of_change_password_request, 12, 540, 140, 368, sizeof(tt_change_password_request)},
    {"tt_reset_password_request", fields_of_reset_password_request, 12, 436, 164, 240, sizeof(tt_reset_password_request)},
    {"tt_reset_password_response", fields_of_reset_password_response, 13, 250, 74, 144, sizeof(tt_reset_password_response)},
    {"tt_verify_password_request", fields_of_verify_password_request, 10, 316, 140, 144, sizeof(tt_verify_password_request)},
    {"tt_password_request", fields_of_password_request, 8, 164, -1, 0, sizeof(tt_password_request)},
    {"tt_begin_transaction_request", fields_of_begin_transaction_request, 18, 548, -1, 0, sizeof(tt_begin_transaction_request)},
    {"tt_begin_transaction_response", fields_of_begin_transaction_response, 18, 1110, 262, 816, sizeof(tt_begin_transaction_response)},
    {"tt_confirm_by_service_request", fields_of_confirm_by_service_request, 8, 212, -1, 0, sizeof(tt_confirm_by_service_request)},
    {"tt_transaction_response", fields_of_transaction_response, 13, 162, -1, 0, sizeof(tt_transaction_response)},
    {"tt_complete_transaction_request", fields_of_complete_transaction_request, 19, 688, 512, 144, sizeof(tt_complete_transaction_request)},
    {"tt_query_transaction_request", fields_of_query_transaction_request, 3, 76, -1, 0, sizeof(tt_query_transaction_request)},
    {"tt_query_transaction_response", fields_of_query_transaction_response, 22, 1130, 282, 816, sizeof(tt_query_transaction_response)},
    {"tt_set_greeting_request", fields_of_set_greeting_request, 7, 236, 92, 112, sizeof(tt_set_greeting_request)},
    {"tt_set_greeting_response", fields_of_set_greeting_response, 4, 44, -1, 0, sizeof(tt_set_greeting_response)},
    {"tt_get_greeting_request", fields_of_get_greeting_request, 2, 44, -1, 0, sizeof(tt_get_greeting_request)},
    {"tt_get_greeting_response", fields_of_get_greeting_response, 6, 186, 42, 112, sizeof(tt_get_greeting_response)},
    {"tt_generate_mac_request", fields_of_generate_mac_request, 10, 1136, 64, 1040, sizeof(tt_generate_mac_request)},
    {"tt_generate_mac_response", fields_of_generate_mac_response, 7, 80, -1, 0, sizeof(tt_generate_mac_response)},
    {"tt_verify_mac_request", fields_of_verify_mac_request, 12, 1168, 96, 1040, sizeof(tt_verify_mac_request)},
    {"tt_verify_mac_response", fields_of_verify_mac_response, 5, 48, -1, 0, sizeof(tt_verify_mac_response)},
    {"tt_encipher_field_request", fields_of_encipher_field_request, 9, 688, 128, 528, sizeof(tt_encipher_field_request)},
    {"tt_encipher_field_response", fields_of_encipher_field_response, 7, 592, -1, 0, sizeof(tt_encipher_field_response)},
    {"tt_decipher_field_request", fields_of_decipher_field_request, 8, 672, -1, 0, sizeof(tt_decipher_field_request)},
    {"tt_decipher_field_response", fields_of_decipher_field_response, 9, 608, 48, 528, sizeof(tt_decipher_field_response)},
    {"tt_translate_pin_request", fields_of_translate_pin_request, 11, 168, 88, 48, sizeof(tt_translate_pin_request)},
    {"tt_translate_pin_response", fields_of_translate_pin_response, 8, 112, 48, 32, sizeof(tt_translate_pin_response)},
    {"tt_verify_pin_request", fields_of_verify_pin_request, 14, 232, 88, 112, sizeof(tt_verify_pin_request)},
    {"tt_verify_pin_response", fields_of_verify_pin_response, 5, 48, -1, 0, sizeof(tt_verify_pin_response)},
    {"tt_make_pin_value_request", fields_of_make_pin_value_request, 12, 168, 88, 48, sizeof(tt_make_pin_value_request)},
    {"tt_make_pin_value_response", fields_of_make_pin_value_response, 8, 160, 48, 80, sizeof(tt_make_pin_value_response)},
    {"tt_draw_random_request", fields_of_draw_random_request, 2, 8, -1, 0, sizeof(tt_draw_random_request)},
    {"tt_draw_random_response", fields_of_draw_random_response, 8, 352, 48, 272, sizeof(tt_draw_random_response)},
    {"tt_digest_request", fields_of_digest_request, 6, 1080, 8, 1040, sizeof(tt_digest_request)},
    {"tt_digest_response", fields_of_digest_response, 6, 112, -1, 0, sizeof(tt_digest_response)},
    {"tt_query_key_request", fields_of_query_key_request, 4, 48, -1, 0, sizeof(tt_query_key_request)},
    {"tt_key_response", fields_of_key_response, 10, 616, -1, 0, sizeof(tt_key_response)},
    {"tt_issue_key_request", fields_of_issue_key_request, 5, 96, -1, 0, sizeof(tt_issue_key_request)},
    {"tt_import_key_request", fields_of_import_key_request, 5, 584, -1, 0, sizeof(tt_import_key_request)},
    {"tt_retire_key_request", fields_of_retire_key_request, 3, 56, -1, 0, sizeof(tt_retire_key_request)},
};

const tt_frame_row tt_frame_rows[] = {
    {"SIGN_ON", 1, TT_KIND_OF_REQUEST, 1, 0, &tt_records[1]},
    {"SIGN_ON", 1, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[2]},
    {"SIGN_OFF", 2, TT_KIND_OF_REQUEST, 1, 0, &tt_records[3]},
    {"SIGN_OFF", 2, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[4]},
    {"HEARTBEAT", 3, TT_KIND_OF_REQUEST, 1, 0, &tt_records[5]},
    {"HEARTBEAT", 3, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[6]},
    {"KEY_CHANGE", 4, TT_KIND_OF_REQUEST, 1, 0, &tt_records[7]},
    {"KEY_CHANGE", 4, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[8]},
    {"GREETING", 16, TT_KIND_OF_NOTIFY, 1, 0, &tt_records[0]},
    {"DRAIN", 17, TT_KIND_OF_NOTIFY, 1, 0, &tt_records[9]},
    {"KEY_CHANGE_DUE", 18, TT_KIND_OF_NOTIFY, 1, 0, &tt_records[10]},
    {"REGISTER_USER", 257, TT_KIND_OF_REQUEST, 1, 0, &tt_records[11]},
    {"REGISTER_USER", 257, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[12]},
    {"QUERY_USER", 258, TT_KIND_OF_REQUEST, 1, 1, &tt_records[13]},
    {"QUERY_USER", 258, TT_KIND_OF_RESPONSE, 1, 1, &tt_records[14]},
    {"CLOSE_USER", 259, TT_KIND_OF_REQUEST, 1, 0, &tt_records[15]},
    {"CLOSE_USER", 259, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[12]},
    {"BIND_TOKEN", 513, TT_KIND_OF_REQUEST, 1, 0, &tt_records[16]},
    {"BIND_TOKEN", 513, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[17]},
    {"UNBIND_TOKEN", 514, TT_KIND_OF_REQUEST, 1, 0, &tt_records[18]},
    {"UNBIND_TOKEN", 514, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[17]},
    {"ENABLE_TOKEN", 515, TT_KIND_OF_REQUEST, 1, 0, &tt_records[18]},
    {"ENABLE_TOKEN", 515, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[17]},
    {"DISABLE_TOKEN", 516, TT_KIND_OF_REQUEST, 1, 0, &tt_records[18]},
    {"DISABLE_TOKEN", 516, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[17]},
    {"UNLOCK_TOKEN", 517, TT_KIND_OF_REQUEST, 1, 0, &tt_records[18]},
    {"UNLOCK_TOKEN", 517, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[17]},
    {"RESYNC_TOKEN", 518, TT_KIND_OF_REQUEST, 1, 0, &tt_records[19]},
    {"RESYNC_TOKEN", 518, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[17]},
    {"REPORT_LOSS", 519, TT_KIND_OF_REQUEST, 1, 0, &tt_records[18]},
    {"REPORT_LOSS", 519, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[17]},
    {"WITHDRAW_LOSS", 520, TT_KIND_OF_REQUEST, 1, 0, &tt_records[18]},
    {"WITHDRAW_LOSS", 520, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[17]},
    {"REPLACE_TOKEN", 521, TT_KIND_OF_REQUEST, 1, 0, &tt_records[20]},
    {"REPLACE_TOKEN", 521, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[21]},
    {"VOID_TOKEN", 522, TT_KIND_OF_REQUEST, 1, 0, &tt_records[18]},
    {"VOID_TOKEN", 522, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[17]},
    {"RESTORE_TOKEN", 523, TT_KIND_OF_REQUEST, 1, 0, &tt_records[18]},
    {"RESTORE_TOKEN", 523, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[17]},
    {"ACTIVATE_TOKEN", 524, TT_KIND_OF_REQUEST, 1, 0, &tt_records[22]},
    {"ACTIVATE_TOKEN", 524, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[17]},
    {"ASSIGN_TOKEN", 525, TT_KIND_OF_REQUEST, 1, 0, &tt_records[18]},
    {"ASSIGN_TOKEN", 525, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[17]},
    {"ISSUE_EMERGENCY_CODE", 526, TT_KIND_OF_REQUEST, 1, 0, &tt_records[29]},
    {"ISSUE_EMERGENCY_CODE", 526, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[30]},
    {"QUERY_TOKEN", 527, TT_KIND_OF_REQUEST, 1, 1, &tt_records[23]},
    {"QUERY_TOKEN", 527, TT_KIND_OF_RESPONSE, 1, 1, &tt_records[24]},
    {"START_ACTIVATION", 528, TT_KIND_OF_REQUEST, 1, 0, &tt_records[25]},
    {"START_ACTIVATION", 528, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[26]},
    {"VERIFY_EMERGENCY_CODE", 529, TT_KIND_OF_REQUEST, 1, 0, &tt_records[31]},
    {"VERIFY_EMERGENCY_CODE", 529, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[32]},
    {"ISSUE_ACTIVATION_CODE", 530, TT_KIND_OF_REQUEST, 1, 0, &tt_records[27]},
    {"ISSUE_ACTIVATION_CODE", 530, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[28]},
    {"VERIFY_OTP", 769, TT_KIND_OF_REQUEST, 1, 0, &tt_records[37]},
    {"VERIFY_OTP", 769, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[38]},
    {"VERIFY_PIN_OTP", 770, TT_KIND_OF_REQUEST, 1, 0, &tt_records[39]},
    {"VERIFY_PIN_OTP", 770, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[38]},
    {"SET_TOKEN_PIN", 771, TT_KIND_OF_REQUEST, 1, 0, &tt_records[40]},
    {"SET_TOKEN_PIN", 771, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[17]},
    {"VERIFY_MSCHAPV2", 772, TT_KIND_OF_REQUEST, 1, 0, &tt_records[41]},
    {"VERIFY_MSCHAPV2", 772, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[42]},
    {"VERIFY_CHAP", 773, TT_KIND_OF_REQUEST, 1, 0, &tt_records[43]},
    {"VERIFY_CHAP", 773, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[38]},
    {"ISSUE_OCRA_CHALLENGE", 774, TT_KIND_OF_REQUEST, 1, 0, &tt_records[44]},
    {"ISSUE_OCRA_CHALLENGE", 774, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[45]},
    {"VERIFY_OCRA", 775, TT_KIND_OF_REQUEST, 1, 0, &tt_records[46]},
    {"VERIFY_OCRA", 775, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[47]},
    {"HOST_CODE", 776, TT_KIND_OF_REQUEST, 1, 0, &tt_records[48]},
    {"HOST_CODE", 776, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[49]},
    {"ASK_CARD", 784, TT_KIND_OF_REQUEST, 1, 0, &tt_records[33]},
    {"ASK_CARD", 784, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[34]},
    {"VERIFY_CARD", 785, TT_KIND_OF_REQUEST, 1, 0, &tt_records[35]},
    {"VERIFY_CARD", 785, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[36]},
    {"QUERY_SERIAL", 1025, TT_KIND_OF_REQUEST, 1, 1, &tt_records[50]},
    {"QUERY_SERIAL", 1025, TT_KIND_OF_RESPONSE, 1, 1, &tt_records[51]},
    {"QUERY_REFERENCE", 1026, TT_KIND_OF_REQUEST, 1, 1, &tt_records[52]},
    {"QUERY_REFERENCE", 1026, TT_KIND_OF_RESPONSE, 1, 1, &tt_records[51]},
    {"CANCEL_SERIAL", 1027, TT_KIND_OF_REQUEST, 1, 0, &tt_records[53]},
    {"CANCEL_SERIAL", 1027, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[51]},
    {"BIND_PHONE", 1281, TT_KIND_OF_REQUEST, 1, 0, &tt_records[61]},
    {"BIND_PHONE", 1281, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[62]},
    {"CHANGE_PHONE", 1282, TT_KIND_OF_REQUEST, 1, 0, &tt_records[61]},
    {"CHANGE_PHONE", 1282, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[62]},
    {"CANCEL_PHONE_CHANGE", 1283, TT_KIND_OF_REQUEST, 1, 0, &tt_records[63]},
    {"CANCEL_PHONE_CHANGE", 1283, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[62]},
    {"UNBIND_PHONE", 1284, TT_KIND_OF_REQUEST, 1, 0, &tt_records[63]},
    {"UNBIND_PHONE", 1284, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[62]},
    {"QUERY_PHONE", 1285, TT_KIND_OF_REQUEST, 1, 0, &tt_records[63]},
    {"QUERY_PHONE", 1285, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[62]},
    {"UNLOCK_SMS", 1286, TT_KIND_OF_REQUEST, 1, 0, &tt_records[63]},
    {"UNLOCK_SMS", 1286, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[62]},
    {"SEND_SMS_CODE", 1287, TT_KIND_OF_REQUEST, 1, 0, &tt_records[64]},
    {"SEND_SMS_CODE", 1287, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[65]},
    {"VERIFY_SMS_CODE", 1288, TT_KIND_OF_REQUEST, 1, 0, &tt_records[66]},
    {"VERIFY_SMS_CODE", 1288, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[67]},
    {"VERIFY_SMS_MSCHAP", 1289, TT_KIND_OF_REQUEST, 1, 0, &tt_records[68]},
    {"VERIFY_SMS_MSCHAP", 1289, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[69]},
    {"QUERY_SMS", 1290, TT_KIND_OF_REQUEST, 1, 0, &tt_records[70]},
    {"QUERY_SMS", 1290, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[71]},
    {"REGISTER_APP_KEY", 1291, TT_KIND_OF_REQUEST, 1, 0, &tt_records[72]},
    {"REGISTER_APP_KEY", 1291, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[73]},
    {"REMOVE_APP_KEY", 1292, TT_KIND_OF_REQUEST, 1, 0, &tt_records[74]},
    {"REMOVE_APP_KEY", 1292, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[73]},
    {"SEND_SMS_WARNING", 1293, TT_KIND_OF_REQUEST, 1, 0, &tt_records[75]},
    {"SEND_SMS_WARNING", 1293, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[76]},
    {"SET_PASSWORD", 1537, TT_KIND_OF_REQUEST, 1, 0, &tt_records[77]},
    {"SET_PASSWORD", 1537, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[78]},
    {"CHANGE_PASSWORD", 1538, TT_KIND_OF_REQUEST, 1, 0, &tt_records[79]},
    {"CHANGE_PASSWORD", 1538, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[78]},
    {"RESET_PASSWORD", 1539, TT_KIND_OF_REQUEST, 1, 0, &tt_records[80]},
    {"RESET_PASSWORD", 1539, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[81]},
    {"VERIFY_PASSWORD", 1540, TT_KIND_OF_REQUEST, 1, 0, &tt_records[82]},
    {"VERIFY_PASSWORD", 1540, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[78]},
    {"QUERY_PASSWORD", 1541, TT_KIND_OF_REQUEST, 1, 1, &tt_records[83]},
    {"QUERY_PASSWORD", 1541, TT_KIND_OF_RESPONSE, 1, 1, &tt_records[78]},
    {"UNLOCK_PASSWORD", 1542, TT_KIND_OF_REQUEST, 1, 0, &tt_records[83]},
    {"UNLOCK_PASSWORD", 1542, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[78]},
    {"DISABLE_PASSWORD", 1543, TT_KIND_OF_REQUEST, 1, 0, &tt_records[83]},
    {"DISABLE_PASSWORD", 1543, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[78]},
    {"ENABLE_PASSWORD", 1544, TT_KIND_OF_REQUEST, 1, 0, &tt_records[83]},
    {"ENABLE_PASSWORD", 1544, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[78]},
    {"BEGIN_FLOW", 1793, TT_KIND_OF_REQUEST, 1, 0, &tt_records[54]},
    {"BEGIN_FLOW", 1793, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[55]},
    {"BEGIN_OWN_FLOW", 1794, TT_KIND_OF_REQUEST, 1, 0, &tt_records[56]},
    {"BEGIN_OWN_FLOW", 1794, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[55]},
    {"FLOW_STEP", 1795, TT_KIND_OF_REQUEST, 1, 0, &tt_records[57]},
    {"FLOW_STEP", 1795, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[55]},
    {"QUERY_FLOW", 1796, TT_KIND_OF_REQUEST, 1, 1, &tt_records[58]},
    {"QUERY_FLOW", 1796, TT_KIND_OF_RESPONSE, 1, 1, &tt_records[59]},
    {"CANCEL_FLOW", 1797, TT_KIND_OF_REQUEST, 1, 0, &tt_records[60]},
    {"CANCEL_FLOW", 1797, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[55]},
    {"BEGIN_TRANSACTION_VERIFICATION", 2049, TT_KIND_OF_REQUEST, 1, 0, &tt_records[84]},
    {"BEGIN_TRANSACTION_VERIFICATION", 2049, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[85]},
    {"CONFIRM_BY_SERVICE", 2050, TT_KIND_OF_REQUEST, 1, 0, &tt_records[86]},
    {"CONFIRM_BY_SERVICE", 2050, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[87]},
    {"COMPLETE_TRANSACTION_VERIFICATION", 2051, TT_KIND_OF_REQUEST, 1, 0, &tt_records[88]},
    {"COMPLETE_TRANSACTION_VERIFICATION", 2051, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[87]},
    {"QUERY_TRANSACTION_VERIFICATION", 2052, TT_KIND_OF_REQUEST, 1, 1, &tt_records[89]},
    {"QUERY_TRANSACTION_VERIFICATION", 2052, TT_KIND_OF_RESPONSE, 1, 1, &tt_records[90]},
    {"SET_GREETING", 2305, TT_KIND_OF_REQUEST, 1, 0, &tt_records[91]},
    {"SET_GREETING", 2305, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[92]},
    {"GET_GREETING", 2306, TT_KIND_OF_REQUEST, 1, 1, &tt_records[93]},
    {"GET_GREETING", 2306, TT_KIND_OF_RESPONSE, 1, 1, &tt_records[94]},
    {"GENERATE_MAC", 2817, TT_KIND_OF_REQUEST, 1, 0, &tt_records[95]},
    {"GENERATE_MAC", 2817, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[96]},
    {"VERIFY_MAC", 2818, TT_KIND_OF_REQUEST, 1, 0, &tt_records[97]},
    {"VERIFY_MAC", 2818, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[98]},
    {"ENCIPHER_FIELD", 2819, TT_KIND_OF_REQUEST, 1, 0, &tt_records[99]},
    {"ENCIPHER_FIELD", 2819, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[100]},
    {"DECIPHER_FIELD", 2820, TT_KIND_OF_REQUEST, 1, 0, &tt_records[101]},
    {"DECIPHER_FIELD", 2820, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[102]},
    {"TRANSLATE_PIN", 2821, TT_KIND_OF_REQUEST, 1, 0, &tt_records[103]},
    {"TRANSLATE_PIN", 2821, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[104]},
    {"VERIFY_PIN", 2822, TT_KIND_OF_REQUEST, 1, 0, &tt_records[105]},
    {"VERIFY_PIN", 2822, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[106]},
    {"MAKE_PIN_VALUE", 2823, TT_KIND_OF_REQUEST, 1, 0, &tt_records[107]},
    {"MAKE_PIN_VALUE", 2823, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[108]},
    {"DRAW_RANDOM", 2824, TT_KIND_OF_REQUEST, 1, 1, &tt_records[109]},
    {"DRAW_RANDOM", 2824, TT_KIND_OF_RESPONSE, 1, 1, &tt_records[110]},
    {"DIGEST", 2825, TT_KIND_OF_REQUEST, 1, 1, &tt_records[111]},
    {"DIGEST", 2825, TT_KIND_OF_RESPONSE, 1, 1, &tt_records[112]},
    {"QUERY_KEY", 2826, TT_KIND_OF_REQUEST, 1, 1, &tt_records[113]},
    {"QUERY_KEY", 2826, TT_KIND_OF_RESPONSE, 1, 1, &tt_records[114]},
    {"ISSUE_KEY", 2827, TT_KIND_OF_REQUEST, 1, 0, &tt_records[115]},
    {"ISSUE_KEY", 2827, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[114]},
    {"IMPORT_KEY", 2828, TT_KIND_OF_REQUEST, 1, 0, &tt_records[116]},
    {"IMPORT_KEY", 2828, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[114]},
    {"RETIRE_KEY", 2829, TT_KIND_OF_REQUEST, 1, 0, &tt_records[117]},
    {"RETIRE_KEY", 2829, TT_KIND_OF_RESPONSE, 1, 0, &tt_records[114]},
};

const size_t tt_frame_row_count = 169;

const tt_code_row tt_code_rows[] = {
    {0, TT_CLASS_NONE, 0, 0, "NONE", "no answer yet: requests and notifies carry it"},
    {1, TT_CLASS_APPROVED, 0, 1, "APPROVED", "verified"},
    {2, TT_CLASS_CHANGED, 0, 1, "CHANGED", "the change was made"},
    {3, TT_CLASS_ANSWERED, 0, 0, "ANSWERED", "a question was answered; nothing changed"},
    {4, TT_CLASS_CHANGED, 0, 1, "SIGNED_ON", "signed on"},
    {5, TT_CLASS_CHANGED, 0, 1, "SIGNED_OFF", "signed off"},
    {6, TT_CLASS_CHANGED, 0, 1, "COMPUTED", "done under a key"},
    {100, TT_CLASS_DENIED, 0, 1, "DENIED", "denied; the channel's policy hides why"},
    {101, TT_CLASS_DENIED, 0, 1, "WRONG_CODE", "the one-time code is wrong; a try is used up"},
    {102, TT_CLASS_DENIED, 0, 1, "REPLAYED_CODE", "the one-time code was used before; no try is used up"},
    {103, TT_CLASS_DENIED, 0, 1, "TOKEN_LOCKED", "the token is locked; the code was not looked at"},
    {104, TT_CLASS_DENIED, 0, 1, "TOKEN_THROTTLED", "too soon after a failure; the code was not looked at"},
    {105, TT_CLASS_DENIED, 0, 1, "TOKEN_DISABLED", "the token is disabled"},
    {106, TT_CLASS_DENIED, 0, 1, "TOKEN_EXPIRED", "the token's validity has ended"},
    {107, TT_CLASS_DENIED, 0, 1, "TOKEN_NOT_YET_VALID", "the token's validity has not begun"},
    {108, TT_CLASS_DENIED, 0, 1, "TOKEN_UNKNOWN", "no such token"},
    {109, TT_CLASS_DENIED, 0, 1, "TOKEN_NOT_BOUND", "the token is not bound to this user"},
    {110, TT_CLASS_DENIED, 0, 1, "TOKEN_BOUND_ELSEWHERE", "the token is bound to another user"},
    {111, TT_CLASS_DENIED, 0, 1, "AMBIGUOUS_TOKEN", "several active tokens: name one"},
    {112, TT_CLASS_DENIED, 0, 1, "NO_TOKEN", "the user has no active token"},
    {113, TT_CLASS_DENIED, 0, 1, "USER_UNKNOWN", "no such user"},
    {114, TT_CLASS_DENIED, 0, 1, "USER_CLOSED", "the user is closed"},
    {115, TT_CLASS_DENIED, 0, 1, "USER_EXISTS", "the user is registered already"},
    {116, TT_CLASS_DENIED, 0, 1, "ILLEGAL_TRANSITION", "the token's state does not allow it"},
    {117, TT_CLASS_DENIED, 0, 1, "RESYNC_FAILED", "the two codes do not follow one another within the window"},
    {118, TT_CLASS_DENIED, 0, 1, "SERIAL_CANCELLED", "this serial was cancelled before it arrived"},
    {119, TT_CLASS_DENIED, 0, 1, "SERIAL_ALREADY_EXECUTED", "too late to cancel: it was executed"},
    {122, TT_CLASS_DENIED, 0, 1, "FLOW_FAILED", "refused, and the flow can't be completed any more"},
    {123, TT_CLASS_DENIED, 0, 1, "FLOW_ENDED", "the flow has its outcome already; the factor was not looked at"},
    {124, TT_CLASS_DENIED, 0, 1, "FLOW_EXPIRED", "the flow's deadline has passed; the factor was not looked at"},
    {125, TT_CLASS_DENIED, 0, 1, "FLOW_UNKNOWN", "no such flow of this user that this channel takes part in"},
    {126, TT_CLASS_DENIED, 0, 1, "FACTOR_NOT_WANTED", "the flow does not want this factor now; it was not looked at"},
    {127, TT_CLASS_DENIED, 0, 1, "FLOW_POLICY_UNKNOWN", "no such flow policy"},
    {130, TT_CLASS_DENIED, 0, 1, "METHOD_NOT_OF_TOKEN", "this kind of token can't be verified in this way"},
    {131, TT_CLASS_DENIED, 0, 1, "CHALLENGE_UNKNOWN", "no such challenge of this user's token"},
    {132, TT_CLASS_DENIED, 0, 1, "CHALLENGE_USED", "the challenge was answered before; the answer was not looked at"},
    {133, TT_CLASS_DENIED, 0, 1, "CHALLENGE_EXPIRED", "the challenge has lapsed; the answer was not looked at"},
    {134, TT_CLASS_DENIED, 0, 1, "CHALLENGE_SPENT", "tried too often, or another took its place; ask a new one"},
    {135, TT_CLASS_DENIED, 0, 1, "QUESTION_NOT_PERMITTED", "this token takes the server's own questions only"},
    {136, TT_CLASS_DENIED, 0, 1, "TOKEN_PIN_NOT_SET", "the token has no PIN, or not in the form that is needed"},
    {137, TT_CLASS_DENIED, 0, 1, "TOKEN_PIN_TOO_WEAK", "too easily guessed, or of the wrong length"},
    {140, TT_CLASS_DENIED, 0, 1, "TOKEN_NOT_ACTIVATED", "the token is assigned and waits for its activation"},
    {141, TT_CLASS_DENIED, 0, 1, "TOKEN_LOST", "the token is reported lost"},
    {142, TT_CLASS_DENIED, 0, 1, "TOKEN_REPLACED", "another token took this one's place"},
    {143, TT_CLASS_DENIED, 0, 1, "TOKEN_VOID", "the token is void"},
    {144, TT_CLASS_DENIED, 0, 1, "NOTHING_TO_WITHDRAW", "the token is not reported lost"},
    {145, TT_CLASS_DENIED, 0, 1, "NOTHING_TO_RESTORE", "the token is not void"},
    {146, TT_CLASS_DENIED, 0, 1, "NOTHING_TO_ACTIVATE", "the token waits for no activation"},
    {147, TT_CLASS_DENIED, 0, 1, "ACTIVATION_ENDED", "no activation code waits: too late, too many tries, or none"},
    {148, TT_CLASS_DENIED, 0, 1, "CARD_EXHAUSTED", "too few cells of the card are left"},
    {149, TT_CLASS_DENIED, 0, 1, "NO_EMERGENCY_CODE", "no emergency code stands in for the token (any more)"},
    {150, TT_CLASS_DENIED, 0, 1, "SMS_NOT_CONFIGURED", "this system has no SMS gateway"},
    {151, TT_CLASS_DENIED, 0, 1, "NO_PHONE", "the user has no phone for codes by SMS"},
    {152, TT_CLASS_DENIED, 0, 1, "PHONE_COOLING_OFF", "the phone number was changed too lately for this"},
    {153, TT_CLASS_DENIED, 0, 1, "SMS_LOCKED", "codes by SMS are locked; the code was not looked at"},
    {154, TT_CLASS_DENIED, 0, 1, "SMS_THROTTLED", "too soon after a failure; the code was not looked at"},
    {155, TT_CLASS_DENIED, 0, 1, "SMS_TOO_SOON", "a code was sent just now; see `resend_at`"},
    {156, TT_CLASS_DENIED, 0, 1, "SMS_LIMIT_REACHED", "too many messages were sent; none was"},
    {157, TT_CLASS_DENIED, 0, 1, "SMS_CODE_UNKNOWN", "no such code of this user and channel"},
    {158, TT_CLASS_DENIED, 0, 1, "SMS_CODE_EXPIRED", "the code's validity has ended"},
    {159, TT_CLASS_DENIED, 0, 1, "SMS_CODE_CANCELLED", "another code took this one's place, or it was tried too often"},
    {160, TT_CLASS_DENIED, 0, 1, "TRANSACTION_DIFFERS", "not the transaction that the code was sent for"},
    {161, TT_CLASS_DENIED, 0, 1, "PHONE_ALREADY_BOUND", "the user has a phone: change it"},
    {162, TT_CLASS_DENIED, 0, 1, "APP_UNKNOWN", "no such app of this user"},
    {163, TT_CLASS_DENIED, 0, 1, "SMS_DESTINATION_REFUSED", "nothing is sent to numbers of this country"},
    {164, TT_CLASS_DENIED, 0, 1, "NO_PHONE_CHANGE", "no change of number is waiting"},
    {165, TT_CLASS_DENIED, 0, 1, "WRONG_PASSWORD", "the password or PIN is wrong; a try is used up"},
    {166, TT_CLASS_DENIED, 0, 1, "PASSWORD_LOCKED", "the password is locked; what was given was not looked at"},
    {167, TT_CLASS_DENIED, 0, 1, "PASSWORD_THROTTLED", "too soon after a failure; what was given was not looked at"},
    {168, TT_CLASS_DENIED, 0, 1, "PASSWORD_DISABLED", "the password is disabled"},
    {169, TT_CLASS_DENIED, 0, 1, "PASSWORD_NOT_SET", "the user has no password of this kind"},
    {170, TT_CLASS_DENIED, 0, 1, "PASSWORD_EXPIRED", "right, but too old: it must be changed first"},
    {171, TT_CLASS_DENIED, 0, 1, "PASSWORD_MUST_CHANGE", "right, but given by an operator: it must be changed first"},
    {172, TT_CLASS_DENIED, 0, 1, "INITIAL_PASSWORD_EXPIRED", "right, but given too long ago: an operator must reset it again"},
    {173, TT_CLASS_DENIED, 0, 1, "PASSWORD_TOO_WEAK", "the new one breaks a rule; `detail` names it"},
    {174, TT_CLASS_DENIED, 0, 1, "PASSWORD_REUSED", "the new one was used before"},
    {175, TT_CLASS_DENIED, 0, 1, "PASSWORD_TOO_YOUNG", "changed too lately to be changed again"},
    {176, TT_CLASS_DENIED, 0, 1, "PASSWORD_EXISTS", "there is one already: change or reset it"},
    {177, TT_CLASS_DENIED, 0, 1, "PASSWORD_NOT_DISABLED", "the password is not disabled"},
    {178, TT_CLASS_DENIED, 0, 1, "GREETING_UNSUITABLE", "the text breaks a rule; `detail` names it"},
    {180, TT_CLASS_DENIED, 0, 1, "VERIFICATION_UNKNOWN", "no such verification of this user and channel"},
    {181, TT_CLASS_DENIED, 0, 1, "VERIFICATION_ENDED", "the verification has its outcome; the proof was not looked at"},
    {182, TT_CLASS_DENIED, 0, 1, "VERIFICATION_EXPIRED", "the verification has lapsed; the proof was not looked at"},
    {183, TT_CLASS_DENIED, 0, 1, "TEXT_DIFFERS", "not the transaction whose text is confirmed"},
    {184, TT_CLASS_DENIED, 0, 1, "NOT_CONFIRMED_YET", "customer service has not confirmed it"},
    {185, TT_CLASS_DENIED, 0, 1, "CONFIRMATION_REFUSED", "customer service refused it"},
    {186, TT_CLASS_DENIED, 0, 1, "CONFIRMATION_NOT_WANTED", "it is confirmed already, or otherwise"},
    {187, TT_CLASS_DENIED, 0, 1, "SAME_OPERATOR", "who entered it may not confirm it"},
    {188, TT_CLASS_DENIED, 0, 1, "MAC_WRONG", "the MAC is not that of the data under this key"},
    {189, TT_CLASS_DENIED, 0, 1, "NOT_DECIPHERED", "not enciphered so, or changed since; not said which"},
    {190, TT_CLASS_DENIED, 0, 1, "PIN_BLOCK_REFUSED", "no PIN in it for this key and account number"},
    {191, TT_CLASS_DENIED, 0, 1, "PIN_WRONG", "not the customer's PIN; a try is used up"},
    {192, TT_CLASS_DENIED, 0, 1, "PIN_TRIES_EXCEEDED", "too many wrong PINs; it was not looked at"},
    {193, TT_CLASS_DENIED, 0, 1, "KEY_BLOCK_REFUSED", "no key in it under this transport key"},
    {194, TT_CLASS_DENIED, 0, 1, "CHECK_VALUE_DIFFERS", "the key has another check value; not taken"},
    {200, TT_CLASS_FORBIDDEN, 0, 0, "TRANSACTION_NOT_PERMITTED", "the channel may not ask this"},
    {201, TT_CLASS_FORBIDDEN, 0, 0, "CHANNEL_DISABLED", "the channel is disabled"},
    {202, TT_CLASS_FORBIDDEN, 0, 0, "CHANNEL_NOT_VALID", "outside the channel's validity dates"},
    {203, TT_CLASS_FORBIDDEN, 0, 0, "ADDRESS_NOT_PERMITTED", "the channel may not call from this address"},
    {204, TT_CLASS_FORBIDDEN, 0, 0, "INSTITUTION_NOT_PERMITTED", "the channel may not act for this institution"},
    {205, TT_CLASS_FORBIDDEN, 0, 0, "SEALING_REQUIRED", "the channel seals its secret fields; this frame did not"},
    {206, TT_CLASS_FORBIDDEN, 0, 0, "KEY_UNKNOWN", "neither the channel nor its institution has such a key"},
    {207, TT_CLASS_FORBIDDEN, 0, 0, "KEY_NOT_FOR_THIS", "the key is for another use"},
    {208, TT_CLASS_FORBIDDEN, 0, 0, "KEY_NOT_USABLE", "the key's state or generation excludes it"},
    {209, TT_CLASS_FORBIDDEN, 0, 0, "ALGORITHM_NOT_PERMITTED", "too weak, and not allowed here; see `detail`"},
    {210, TT_CLASS_FORBIDDEN, 0, 0, "ALGORITHM_NOT_OF_KEY", "the key's algorithm can't do this"},
    {224, TT_CLASS_FORBIDDEN, 0, 0, "NOT_IN_HSM", "the token's seed lies in the HSM, which can't do this"},
    {300, TT_CLASS_MALFORMED, 0, 0, "BAD_FIELD", "a field is bad; `detail` names it"},
    {301, TT_CLASS_MALFORMED, 0, 0, "BAD_BUSINESS_DAY", "not the server's business day, the day before or after"},
    {302, TT_CLASS_MALFORMED, 0, 0, "SERIAL_CONFLICT", "the same serial came before with other contents"},
    {303, TT_CLASS_MALFORMED, 0, 0, "BAD_SERIAL", "a serial is 1 to 2^63-1"},
    {400, TT_CLASS_TRY_LATER, 1, 0, "BUSY", "too much at once; ask again after the time in `budget_ms`"},
    {401, TT_CLASS_TRY_LATER, 1, 0, "DEADLINE_EXPIRED", "the time budget ran out before execution"},
    {402, TT_CLASS_TRY_LATER, 1, 0, "IN_PROGRESS", "the same serial is being executed"},
    {403, TT_CLASS_TRY_LATER, 1, 0, "NOT_SEEN_YET", "the serial asked about has not arrived; it still may"},
    {404, TT_CLASS_TRY_LATER, 1, 0, "UNAVAILABLE", "something the server needs is out of reach"},
    {405, TT_CLASS_TRY_LATER, 1, 0, "DRAINING", "the server is closing; ask another connection"},
    {420, TT_CLASS_TRY_LATER, 1, 0, "HSM_UNAVAILABLE", "no HSM can be reached; nothing was decided"},
    {421, TT_CLASS_TRY_LATER, 1, 0, "HSM_BUSY", "too much waits for the HSM; nothing was decided"},
    {422, TT_CLASS_TRY_LATER, 1, 0, "HSM_TIMED_OUT", "the HSM did not answer in time; nothing was decided"},
    {500, TT_CLASS_UNKNOWN, 1, 0, "OUTCOME_UNKNOWN", "nobody knows: ask again"},
    {600, TT_CLASS_INTERNAL, 0, 0, "INTERNAL", "a fault of the server; not executed"},
    {620, TT_CLASS_INTERNAL, 0, 0, "HSM_REFUSED", "the HSM lacks the key or the ability; not executed"},
    {900, TT_CLASS_REJECT, 0, 0, "BAD_MAGIC", "the first two bytes are not TT"},
    {901, TT_CLASS_REJECT, 0, 0, "BAD_VERSION", "this protocol version is not spoken here"},
    {902, TT_CLASS_REJECT, 0, 0, "BAD_HEADER", "header length, kind, flags or a field that must be zero"},
    {903, TT_CLASS_REJECT, 0, 0, "BAD_LENGTH", "total length is not the one of this message type"},
    {904, TT_CLASS_REJECT, 0, 0, "UNKNOWN_TRANSACTION", "no such transaction code for this kind"},
    {905, TT_CLASS_REJECT, 0, 0, "UNKNOWN_SCHEMA", "the transaction has no body of this schema"},
    {906, TT_CLASS_REJECT, 0, 0, "UNKNOWN_CHANNEL", "not the channel that signed on, or none of that number"},
    {907, TT_CLASS_REJECT, 0, 0, "BAD_MAC", "the MAC is wrong"},
    {908, TT_CLASS_REJECT, 0, 0, "UNKNOWN_GENERATION", "no working keys of this generation"},
    {909, TT_CLASS_REJECT, 0, 0, "SUITE_MISMATCH", "suite or field cipher is not the channel's"},
    {910, TT_CLASS_REJECT, 0, 0, "BAD_SEQUENCE", "sequence numbers must rise"},
    {911, TT_CLASS_REJECT, 0, 0, "NOT_SIGNED_ON", "sign on first"},
    {912, TT_CLASS_REJECT, 0, 0, "BAD_SESSION", "the session id is not this connection's"},
    {913, TT_CLASS_REJECT, 0, 0, "SIGN_ON_REFUSED", "sign-on was refused"},
    {914, TT_CLASS_REJECT, 0, 0, "TOO_MANY_CONNECTIONS", "the channel or the server has too many connections"},
    {915, TT_CLASS_REJECT, 0, 0, "SIGN_ON_TIMEOUT", "no sign-on in time"},
    {916, TT_CLASS_REJECT, 0, 0, "IDLE", "nothing was heard for too long"},
    {917, TT_CLASS_REJECT, 0, 0, "SLOW_READER", "answers were not read in time"},
};

const size_t tt_code_row_count = 141;

const tt_suite_row tt_suite_rows[] = {
    {"INTL_HMAC", 1, TT_HASH_SHA256, TT_MAC_HMAC_SHA256, 32, TT_WRAP_AES_KW, 32, 32, 0x7, UINT64_C(4294967296)},
    {"INTL_CMAC", 2, TT_HASH_SHA256, TT_MAC_AES_CMAC, 16, TT_WRAP_AES_KW, 32, 32, 0x7, UINT64_C(4294967296)},
    {"GM_HMAC", 3, TT_HASH_SM3, TT_MAC_HMAC_SM3, 32, TT_WRAP_SM4_KW, 16, 32, 0x19, UINT64_C(4294967296)},
    {"GM_CMAC", 4, TT_HASH_SM3, TT_MAC_SM4_CMAC, 16, TT_WRAP_SM4_KW, 16, 32, 0x19, UINT64_C(4294967296)},
    {"LEGACY", 5, TT_HASH_SHA256, TT_MAC_X9_19, 16, TT_WRAP_TDES_ECB, 16, 16, 0x3, UINT64_C(1048576)},
};

const size_t tt_suite_row_count = 5;

const tt_cipher_row tt_cipher_rows[] = {
    {"NONE", 0, TT_BLOCK_NONE, 0, 0},
    {"AES_128_GCM", 1, TT_BLOCK_AES, 1, 16},
    {"AES_256_GCM", 2, TT_BLOCK_AES, 1, 32},
    {"SM4_GCM", 3, TT_BLOCK_SM4, 1, 16},
    {"SM4_CBC", 4, TT_BLOCK_SM4, 0, 16},
};

const size_t tt_cipher_row_count = 5;
