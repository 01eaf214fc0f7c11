/** What a host keeps of a subscription, to end it by. */
export interface Subscription {
  /** The sender's name for it. */
  readonly id: string;
  /** Where it is. */
  readonly at: string;
  /** Of what it was made, so that it can be seen to be no longer what is wanted; nothing can be read from it. */
  readonly made: string;
}

/** Has one sender send its events to an address of ours, and no longer. */
export interface Subscriber {
  /** Whether a subscription is where this can end it. */
  administers(subscription: Subscription): boolean;
  /** Whether the sender sends to the address what is wanted, as things stand now. @throws ConnectorError when it does not say. */
  isSubscribed(url: string, subscription: Subscription): Promise<boolean>;
  /**
   * Has it send to the address. What stands there for the same address from before is taken over, so that a second call
   * makes no second subscription. The sender may ask the address at once whether somebody is there.
   *
   * @throws ConnectorError when it will not, and then nothing new is left behind.
   */
  subscribe(url: string): Promise<Subscription>;
  /** Ends it; one that is gone already is no error. @throws ConnectorError */
  unsubscribe(subscription: Subscription): Promise<void>;
}
