/**
 * A bank system's door to Tigertally: {@link com.tigertally.client.TigertallyClient}.
 *
 * <pre>{@code
 * ChannelCredentials credentials = ChannelCredentials.load(Paths.get("channel.json"));
 * try (TigertallyClient client = TigertallyClient.builder(credentials).build()) {
 *     VerifyOtpResponse answer = client.verifyOtp("C0001", "123456");
 *     if (answer.isApproved()) { ... }
 * } catch (OutcomeUnknownException unknown) { ... }
 * }</pre>
 */
package com.tigertally.client;
