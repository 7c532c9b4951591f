"""What limits and ledger promise, said once more and as simply as it goes: for a history to be played
against. It knows nothing of how the daemon keeps its promises.

A scope has a limit and what was settled in it. A request counts in several scopes at once. Before it may
be sent, its worst case is held in each of them, and fits each. At its end, what it cost takes the place of
what was held. A cost above what was held is an overrun: it counts as it is, and while a scope stands above
its limit nothing more is held in it. Amounts are whole picodollars."""


class Broken(AssertionError):
    """The history is not one that the promise allows."""


class Scope:
    def __init__(self, name):
        self.name, self.limit, self.settled, self.held, self.excess = name, None, 0, 0, 0

    def room(self):
        return None if self.limit is None else self.limit - self.settled - self.held


class Model:
    def __init__(self):
        self.scopes = {}
        self.held = {}  # request -> (scopes, amount)
        self.over = set()

    def scope(self, name):
        return self.scopes.setdefault(name, Scope(name))

    def limit(self, name, amount):
        self.scope(name).limit = amount

    def hold(self, request, names, amount, pardon=lambda name: 0):
        """`pardon`: what providers took in a scope beyond what was held after this request may have been
        let in, and before it was seen."""
        if request in self.held or request in self.over:
            raise Broken(f"{request} is held twice")
        if amount < 0:
            raise Broken(f"{request} holds {amount}")
        for scope in map(self.scope, names):
            if scope.limit is not None and amount > scope.room() + pardon(scope.name):
                raise Broken(f"{request} holds {amount} in {scope.name}, which has {scope.room()} left of "
                             f"{scope.limit} ({scope.settled} settled, {scope.held} held)")
        for scope in map(self.scope, names):
            scope.held += amount
        self.held[request] = (tuple(names), amount)
        self._look(names)

    def settle(self, request, cost):
        """It is over, and this is what it cost."""
        if request not in self.held:
            raise Broken(f"{request} is settled without having been held")
        if cost < 0:
            raise Broken(f"{request} is credited {-cost}")
        names, amount = self.held.pop(request)
        self.over.add(request)
        for scope in map(self.scope, names):
            scope.held -= amount
            scope.settled += cost
            scope.excess += max(0, cost - amount)
        self._look(names)

    def interrupt(self, request):
        """Nobody knows its end: it is charged what was held."""
        if request not in self.held:
            raise Broken(f"{request} is interrupted without having been held")
        self.settle(request, self.held[request][1])

    def _look(self, names):
        for scope in map(self.scope, names):
            if scope.limit is None:
                continue
            used = scope.settled + scope.held
            if used > scope.limit + scope.excess:
                raise Broken(f"{scope.name} stands at {used} of {scope.limit}, "
                             f"of which only {scope.excess} is a provider's doing")

    def refuse(self, request, name, limit, least):
        """It was told that what is settled in this scope leaves too little for its least case."""
        settled = self.scope(name).settled
        if settled + least <= limit:
            raise Broken(f"{request} was refused {least}, and {name} has {settled} settled of {limit}")
